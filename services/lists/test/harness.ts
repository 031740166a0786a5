import type { Bus } from '@dutyledger/bus/bus';
import { outgoing } from '@dutyledger/contracts/event-contract';
import { type OrganFacts, OrganRegistered } from '@dutyledger/contracts/staffing';
import { type Data, type Harness, startHarness } from '@dutyledger/subgraph-kit/service-harness';
import { vi } from 'vitest';
import { startLists } from '../src/service.ts';

export { refused } from '@dutyledger/subgraph-kit/refused.fixture';
export type { Data, Harness as ListsHarness };

export const COUNTY = '370114000000';
export const TOWN = '370114101000';

export const change = {
  reason: '按市级指导目录编制',
  basis: [{ title: '关于明晰县乡职责规范“属地管理”的若干意见(试行)', documentNumber: '鲁办发〔2019〕1号' }],
};

export const fact = (number: number, name: string, facts: Partial<OrganFacts> = {}): OrganFacts => ({
  id: `organ:370114-${String(number).padStart(4, '0')}`,
  name,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: 'county',
  division: COUNTY,
  superior: null,
  creditCode: null,
  status: 'active',
  effectiveFrom: '2019-01-01',
  successors: [],
  ...facts,
});

export const ORGANS = {
  police: fact(1, '济南市公安局章丘分局', { aliases: ['公安机关'] }),
  farming: fact(2, '济南市章丘区农业农村局'),
  towns: fact(3, '各镇街', { kind: 'ORGAN_CLASS', level: 'town' }),
  enforcement: fact(4, '济南市章丘区综合行政执法局'),
  health: fact(5, '济南市章丘区卫生健康局'),
  staffing: fact(6, '中共济南市章丘区委机构编制委员会办公室', { kind: 'PARTY_OFFICE' }),
  justice: fact(7, '济南市章丘区司法局'),
  street: fact(8, '垛庄镇人民政府', { kind: 'TOWN_GOVERNMENT', level: 'town', division: TOWN }),
  body: fact(9, '垛庄镇综合执法办公室', {
    kind: 'TOWN_BODY',
    level: 'town',
    division: TOWN,
    superior: 'organ:370114-0008',
  }),
} satisfies Record<string, OrganFacts>;

let published = 0;

/** Ids of the messages that the service has taken over. */
const heard = new Set<string>();

/** Says on the bus what staffing says of organs, in the words of the contract; resolves when the service has heard it. */
export async function announce(harness: Harness, organs: readonly OrganFacts[]): Promise<void> {
  const staffing = await harness.bus.publisher('staffing');
  const said: string[] = [];
  for (const organ of organs) {
    published += 1;
    const message = outgoing(OrganRegistered, {
      stored: {
        id: `00000000-0000-4000-8000-${String(published).padStart(12, '0')}`,
        type: 'OrganRegistered',
        version: 1,
        stream: 'staffing.organRegister-370114',
        revision: published,
        position: published,
        recordedAt: '2024-01-01T00:00:00.000Z',
        data: {},
        metadata: {
          actor: { subject: 's', name: 'n', organ: null, role: 'ORGAN_REGISTRAR' },
          reason: 'r',
          basis: [],
          commandId: 'c',
          commandDigest: 'd',
          correlationId: 'c',
          causationId: 'c',
          division: COUNTY,
          effectiveAt: '2019-01-01',
        },
      },
      data: { organ },
    });
    await staffing.publish([message]);
    said.push(message.event.id);
  }
  await vi.waitUntil(() => said.every((id) => heard.has(id)), { timeout: 60_000, interval: 5 });
}

/** The bus, which remembers what a subscriber has handled. */
function noting(bus: Bus): Bus {
  const subscribe = bus.subscribe.bind(bus);
  vi.spyOn(bus, 'subscribe').mockImplementation((options, handler) =>
    subscribe(options, async (event) => {
      await handler(event);
      heard.add(event.id);
    }),
  );
  return bus;
}

/** The lists service with the organs above; asked as an editor and publisher of the county unless told otherwise. */
export async function startListsHarness(): Promise<Harness> {
  const start: typeof startLists = (deps) => startLists({ ...deps, bus: noting(deps.bus) });
  const harness = await startHarness(start, {
    roles: ['LIST_EDITOR', 'LIST_PUBLISHER', 'COUNTY_APPROVER'],
    division: COUNTY,
    organ: ORGANS.staffing.id,
    name: '李编辑',
  });
  await announce(harness, Object.values(ORGANS));
  return harness;
}

export const OPEN = /* GraphQL */ `
  mutation ($input: OpenDutyListInput!) {
    openDutyList(input: $input) { list { id title draft { number } } repeated pending }
  }
`;
export const CHANGE = /* GraphQL */ `
  mutation ($input: ChangeDraftInput!) {
    changeDraft(input: $input) { draft { number added revised retired itemCount } repeated pending }
  }
`;
export const PUBLISH = /* GraphQL */ `
  mutation ($input: PublishEditionInput!) {
    publishEdition(input: $input) { edition { number effectiveFrom digest itemCount slimmedBy } repeated pending }
  }
`;
export const CORRECT = /* GraphQL */ `
  mutation ($input: CorrectEditionInput!) {
    correctEdition(input: $input) { edition { number corrections { number codes } } repeated pending }
  }
`;
export const DISCARD = /* GraphQL */ `
  mutation ($input: DiscardDraftInput!) { discardDraft(input: $input) { draft { number } } }
`;
const STEP =
  'draft { number stage due asked { organ { id } organName due answered lapsed } } repeated pending';
export const SUBMIT = /* GraphQL */ `mutation ($input: SubmitDraftInput!) { submitDraft(input: $input) { ${STEP} } }`;
export const LEGALITY = /* GraphQL */ `
  mutation ($input: RecordLegalityReviewInput!) { recordLegalityReview(input: $input) { ${STEP} } }
`;
export const REQUEST = /* GraphQL */ `
  mutation ($input: RequestOpinionsInput!) { requestOpinions(input: $input) { ${STEP} } }
`;
export const OPINION = /* GraphQL */ `
  mutation ($input: RecordOpinionInput!) { recordOpinion(input: $input) { ${STEP} } }
`;
export const APPROVE = /* GraphQL */ `
  mutation ($input: RecordApprovalInput!) { recordApproval(input: $input) { ${STEP} } }
`;
export const REBASE = /* GraphQL */ `
  mutation ($input: RebaseDraftInput!) { rebaseDraft(input: $input) { ${STEP} } }
`;
export const IMPORT = /* GraphQL */ `
  mutation ($input: ImportDutyItemsInput!) {
    importDutyItems(input: $input) {
      accepted applied sheet encoding rows problemCount added revised retired unchanged missing repeated pending
      columns { letter heading field confidence }
      problems { row column heading value cause rule }
      notices { row message }
      unresolvedOrgans { name rows candidates { name similarity organ { id } } suggestion }
      differences { code name kind changes { field before after } }
      list { id draft { number added revised retired itemCount } }
    }
  }
`;
export const EXPORT = /* GraphQL */ `
  query ($list: ID!, $format: ExportFormat, $encoding: TextEncoding, $asOf: AsOf, $draft: Boolean) {
    exportDutyList(list: $list, format: $format, encoding: $encoding, asOf: $asOf, draft: $draft) {
      fileName mediaType content itemCount
    }
  }
`;
export async function openList({ ask }: Harness, input: object = {}): Promise<string> {
  const { openDutyList } = await ask(OPEN, {
    input: {
      division: COUNTY,
      kind: 'TERRITORIAL',
      title: '章丘区属地管理事项责任清单',
      maintainer: ORGANS.staffing.id,
      change,
      ...input,
    },
  });
  return openDutyList.list.id;
}

export const dogs = {
  name: '犬只登记与养犬违法查处',
  domain: '城市管理',
  leads: [{ organ: ORGANS.police.id, duty: '登记管理、查处违法' }],
  cooperators: [
    { organ: ORGANS.farming.id, duty: '免疫检疫' },
    { organ: ORGANS.towns.id, duty: '组织免疫并协助登记' },
  ],
  basis: [{ title: '济南市文明养犬管理条例(2021)', article: '第六、七条' }],
  townRole: { role: 'COOPERATE' },
};
export const straw = {
  name: '秸秆禁烧专项整治',
  domain: '生态环境',
  leads: [{ organ: ORGANS.towns.id, duty: '主体责任' }],
  basis: [{ title: '济南市县乡属地管理事项清单' }],
  townRole: { role: 'LEAD' },
  keywords: ['焚烧秸秆'],
};

export async function stage(
  { ask }: Harness,
  list: string,
  basedOn: number,
  changes: object[],
): Promise<Data> {
  const { changeDraft } = await ask(CHANGE, { input: { list, basedOn, changes, change } });
  return changeDraft.draft;
}

/** Legality review that came on paper. */
export const legality = (list: string, more: object = {}) => ({
  list,
  passed: true,
  organ: ORGANS.justice.id,
  opinion: '合法',
  documentNumber: '章司审〔2024〕1号',
  change,
  ...more,
});

/** Submission, legality review and, of every organ that is asked, an opinion on paper: all that comes before approval. */
export async function review({ ask }: Harness, list: string, draftNumber: number): Promise<void> {
  await ask(SUBMIT, { input: { list, draftNumber, change } });
  const { recordLegalityReview } = await ask(LEGALITY, { input: legality(list) });
  for (const { organ } of recordLegalityReview.draft.asked) {
    const opinion = { organ: organ.id, agrees: true, text: '同意', documentNumber: '复函〔2024〕1号' };
    await ask(OPINION, { input: { list, ...opinion, change } });
  }
}

/** Every step before publication. */
export async function ready(harness: Harness, list: string, draftNumber: number): Promise<void> {
  await review(harness, list, draftNumber);
  const approval = { list, body: '区委编委', documentNumber: '章编〔2024〕1号', change };
  await harness.ask(APPROVE, { input: approval });
}

/** Every step of the procedure, and publication of the draft as it stands. */
export async function publish(
  harness: Harness,
  list: string,
  effectiveFrom: string,
  draftNumber: number,
): Promise<Data> {
  const documentNumber = `章政发〔${effectiveFrom.slice(0, 4)}〕1号`;
  await ready(harness, list, draftNumber);
  const input = { list, draftNumber, effectiveFrom, documentNumber, change };
  return (await harness.ask(PUBLISH, { input })).publishEdition.edition;
}
