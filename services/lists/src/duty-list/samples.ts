import type { OrganName } from '../consultation.ts';
import { DEFAULT_LIMITS } from '../stage-limits/stages.ts';
import type { DraftChange } from './draft.ts';
import type { DutyListEvent, ListHead } from './events.ts';
import { emptyItem, type ItemContent, type ListKind } from './item.ts';
import type { OrganFacts } from './organ-facts.ts';

/** Small facts for the tests of this folder. */

export const organ = (id: string, name: string, facts: Partial<OrganFacts> = {}): OrganFacts => ({
  id: `organ:${id}`,
  name,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: 'county',
  division: '370114000000',
  status: 'active',
  successors: [],
  ...facts,
});

export const known: ReadonlyMap<string, OrganFacts> = new Map(
  [
    organ('1', '章丘区公安局'),
    organ('2', '章丘区农业农村局'),
    organ('3', '各镇街', { kind: 'ORGAN_CLASS', level: 'town' }),
    organ('4', '章丘区国土资源局', { status: 'merged', successors: ['organ:5'] }),
    organ('5', '章丘区自然资源局'),
    organ('6', '综合执法办公室', { kind: 'TOWN_BODY', level: 'town', division: '370114101000' }),
  ].map((facts) => [facts.id, facts]),
);

export const duty = (id: string, what: string | null = null) => {
  const facts = known.get(`organ:${id}`);
  return {
    organ: `organ:${id}`,
    name: facts?.name ?? '',
    level: facts?.level ?? ('county' as const),
    duty: what,
  };
};

export const item = (content: Partial<ItemContent> = {}): ItemContent => ({
  ...emptyItem,
  name: '犬只登记与养犬违法查处',
  domain: '城市管理',
  leads: [duty('1', '登记管理、查处违法')],
  cooperators: [duty('2', '免疫检疫'), duty('3', '组织免疫并协助登记')],
  basis: [{ title: '济南市文明养犬管理条例', article: '第六条' }],
  ...content,
});

export const head = (kind: ListKind = 'TERRITORIAL'): ListHead => ({
  id: 'list:370114-1',
  kind,
  division: '370114000000',
  title: '章丘区属地管理事项责任清单',
  maintainer: { organ: 'organ:9', name: '章丘区委编办' },
});

export const opened = (kind?: ListKind): DutyListEvent => ({ type: 'DutyListOpened', data: head(kind) });
export const added = (code: string, content = item()): DutyListEvent => ({
  type: 'ItemAdded',
  data: { code, item: content },
});
export const passed: DutyListEvent & { type: 'LegalityReviewed' } = {
  type: 'LegalityReviewed',
  data: { outcome: 'PASSED', organ: 'organ:8', organName: '章丘区司法局', opinion: '合法' },
};
export const justice = { organ: 'organ:8', organName: '章丘区司法局' };
export const timing = { today: '2026-03-02', limits: DEFAULT_LIMITS };
export const submitted = (draftNumber: number, affected: OrganName[] = []): DutyListEvent => ({
  type: 'DraftSubmitted',
  data: { draftNumber, affected, silenceIsConsent: false, due: '2026-03-09' },
});
export const approved: DutyListEvent & { type: 'EditionApproved' } = {
  type: 'EditionApproved',
  data: { body: '区委编委', documentNumber: '章编〔2024〕1号', overruling: null },
};
export const published = (edition: number, effectiveFrom: string): DutyListEvent => ({
  type: 'EditionPublished',
  data: {
    list: { kind: 'TERRITORIAL', division: '370114000000', title: '' },
    edition,
    effectiveFrom,
    documentNumber: '章政发〔2024〕1号',
    added: [],
    revised: [],
    retired: [],
    itemCount: 0,
    digest: '',
  },
  effectiveAt: effectiveFrom,
});

export const change = (changes: DraftChange[], basedOn = 99) => ({
  type: 'ChangeDraft' as const,
  changes,
  basedOn,
  organs: known,
});

export const publish = (
  effectiveFrom: string,
  draftNumber: number,
  documentNumber = '章政发〔2024〕1号',
) => ({
  type: 'PublishEdition' as const,
  effectiveFrom,
  documentNumber,
  draftNumber,
  organs: known,
});
