import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@dutyledger/subgraph-kit/identity';
import type { Standalone } from '../../src/standalone.ts';
import { heard, shown } from '../embedded.ts';
import { ask } from '../harness.ts';

/** A county that builds its lists through the endpoint alone, as an integrator's program would. */

export const change = {
  reason: '按改革方案编制',
  basis: [{ title: '关于明晰县乡职责规范“属地管理”的若干意见(试行)', documentNumber: '鲁办发〔2019〕1号' }],
};
const SINCE = '2020-01-01';
export const IN_FORCE = '2024-01-01';

const EDITOR: readonly Role[] = [
  'LIST_EDITOR',
  'LIST_PUBLISHER',
  'COUNTY_APPROVER',
  'ORGAN_REGISTRAR',
  'AUDITOR',
];

interface NewOrgan {
  name: string;
  kind: string;
  shortName?: string;
  aliases?: string[];
  division?: string;
  level?: string;
  superior?: string;
}

interface Refused {
  message: string;
  extensions: Record<string, unknown>;
}

/** Real duties, marked as samples (样例) where a reform's own list is not public. */
export interface Duty {
  name: string;
  domain: string;
  department: string;
  basis: { title: string; article?: string };
}
export const DUTIES_FILE = readFileSync(join(import.meta.dirname, 'duties.csv'));
export const DUTIES: readonly Duty[] = DUTIES_FILE.toString('utf8')
  .trimEnd()
  .split('\n')
  .slice(2)
  .map((line) => {
    const [, name = '', domain = '', department = '', , , , , title = '', article = ''] = line.split(',');
    return { name, domain, department, basis: { title, ...(article && { article }) } };
  });
/** As many as are wanted; from the second round on the names are numbered. */
export const duties = (count: number): Duty[] =>
  Array.from({ length: count }, (_, i) => {
    const duty = DUTIES[i % DUTIES.length] as Duty;
    const round = Math.floor(i / DUTIES.length) + 1;
    return { ...duty, name: round === 1 ? duty.name : `${duty.name}（样例 ${round}）` };
  });

export const itemOf = ({ name, domain, basis }: Duty, lead: string, more: object = {}) => ({
  name,
  domain,
  leads: [{ organ: lead, duty: '主体责任' }],
  basis: [basis],
  remarks: '样例',
  ...more,
});

/** Items with the codes 1, 2, 3 …, as `changeDraft` takes them. */
export const added = (items: readonly object[]): object[] =>
  items.map((add, i) => ({ code: String(i + 1), add }));

const DRAFT = 'draft { number asked { organ { id } } }';
const STEP = `${DRAFT} pending`;
const step = (name: string): string =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${STEP} } }`;

interface Draft {
  number: number;
  asked: { organ: { id: string } }[];
}

export class County {
  readonly division: string;
  readonly #node: Standalone;

  constructor(node: Standalone, division: string) {
    this.#node = node;
    this.division = division;
  }

  #token(roles: readonly Role[] = EDITOR): Promise<string> {
    return this.#node.token({ roles, division: this.division, name: '李编辑' });
  }

  async #send<T>(query: string, variables: Record<string, unknown>, roles?: readonly Role[]) {
    return ask<T>(this.#node.url, await this.#token(roles), query, variables);
  }

  /** The answer; throws what was refused against expectation. */
  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.#send<T>(query, variables);
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** What must be refused. */
  async refused(query: string, input: object, roles?: readonly Role[]): Promise<Refused> {
    const { errors } = await this.#send(query, { input }, roles);
    const [first] = errors ?? [];
    if (!first) throw new Error(`not refused: ${query}`);
    return first;
  }

  /** Ids, in the order given. */
  async register(organs: readonly NewOrgan[]): Promise<string[]> {
    const query =
      'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { id } } }';
    const input = { division: this.division, organs, effectiveFrom: SINCE, change };
    const answer = await this.ask<{ registerOrgans: { organs: { id: string }[] } }>(query, { input });
    const ids = answer.registerOrgans.organs.map(({ id }) => id);
    await heard(this.#node.url, await this.#token(), ids.at(-1) ?? '');
    return ids;
  }

  async open(kind: string, maintainer: string, division = this.division): Promise<string> {
    const query = 'mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } } }';
    const input = { division, kind, title: `${kind} 清单`, maintainer, change };
    return (await this.ask<{ openDutyList: { list: { id: string } } }>(query, { input })).openDutyList.list
      .id;
  }

  /** Resolves when queries show everything that was done. */
  async settled(): Promise<void> {
    await shown(this.#node.url, await this.#token());
  }

  /** The draft after a step, as queries show it. */
  async #take(name: string, input: { list: string; [field: string]: unknown }): Promise<Draft> {
    const answer = await this.ask<Record<string, { draft: Draft; pending: boolean }>>(step(name), {
      input: { ...input, change },
    });
    if (answer[name]?.pending === false) return answer[name].draft;
    await this.settled();
    const query = `query ($list: ID!) { dutyList(id: $list) { ${DRAFT} } }`;
    return (await this.ask<{ dutyList: { draft: Draft } }>(query, { list: input.list })).dutyList.draft;
  }

  /** Number of the draft afterwards. */
  async stage(list: string, basedOn: number, changes: readonly object[]): Promise<number> {
    return (await this.#take('changeDraft', { list, basedOn, changes })).number;
  }

  /** Every step of the procedure from the draft to the edition; what organs say comes on paper. */
  async publish(list: string, draftNumber: number, reviewer: string): Promise<void> {
    await this.#take('submitDraft', { list, draftNumber });
    const review = { organ: reviewer, passed: true, opinion: '合法', documentNumber: '司审〔2024〕1号' };
    const { asked } = await this.#take('recordLegalityReview', { list, ...review });
    for (const { organ } of asked) {
      const opinion = { organ: organ.id, agrees: true, text: '同意', documentNumber: '复函〔2024〕1号' };
      await this.#take('recordOpinion', { list, ...opinion });
    }
    const approval = { body: '区委编委', documentNumber: '编〔2024〕1号' };
    await this.#take('recordApproval', { list, ...approval });
    await this.ask(PUBLISH, {
      input: { list, draftNumber, effectiveFrom: IN_FORCE, documentNumber: '政发〔2024〕1号', change },
    });
    await this.settled();
  }
}

export const PUBLISH = `mutation ($input: PublishEditionInput!) {
  publishEdition(input: $input) { edition { number itemCount } } }`;
export const CHANGE = step('changeDraft');
export const SUBMIT = step('submitDraft');
export const APPROVE = step('recordApproval');
