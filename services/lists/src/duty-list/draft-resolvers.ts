import { load } from '@dutyledger/event-store/handle-command';
import type { Page } from '@dutyledger/read-store/read-store';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { askable } from '../ask-organs.ts';
import type { AskedOrgan } from '../consultation.ts';
import type { ListsContext } from '../context.ts';
import { author } from '../history-resolvers.ts';
import { affectedByDraft } from './affected.ts';
import { fieldChanges, stagedContent } from './changes.ts';
import { dutyList } from './duty-list.ts';
import type { LegalityReview, RecordedOpinion } from './events.ts';
import { conflictsOf, type ItemConflict, isSuperseded } from './rebase.ts';
import { items, type ListRow, type StagedRow, stagedChanges } from './rows.ts';
import { recordedOpinions } from './stages.ts';
import { dutyListStream, type OpenList } from './state.ts';
import { stageOf } from './steps.ts';

/** Fields of a draft and of the steps that lead from it to an edition (L-3). */

type Ctx = ListsContext;

const organ = (id: string) => ({ __typename: 'Organ', id });

export const opinion = (given: RecordedOpinion) => ({
  organ: organ(given.organ),
  organName: given.organName,
  position: given.position,
  agrees: given.position === 'AGREE' || (given.position === 'NONE' && given.silenceIsConsent),
  text: given.position === 'NONE' ? '' : given.text,
  documentNumber: given.position === 'NONE' ? null : (given.documentNumber ?? null),
});

export const review = (given: LegalityReview | null) =>
  given && {
    passed: given.outcome === 'PASSED',
    organName: given.organName,
    opinion: given.opinion,
    documentNumber: given.documentNumber ?? null,
  };

export const asked = (consultation: { asked: AskedOrgan[]; given: { organ: string }[] }) =>
  consultation.asked.map(({ organ: id, organName, due, silenceIsConsent, lapsed }) => ({
    organ: organ(id),
    organName,
    due,
    silenceIsConsent,
    lapsed,
    answered: consultation.given.some((given) => given.organ === id),
  }));

/** The draft as its decider has it: what is in conflict is a question to the whole of it. */
const stateOf = ({ id }: ListRow, { loaders, service }: Ctx): Promise<OpenList | undefined> =>
  loaders.load('listState', id, async (ids) => {
    const found = new Map<string, OpenList>();
    for (const list of ids) {
      const { state } = await load(service.commands, dutyList, dutyListStream(list));
      if (state.status === 'open') found.set(list, state);
    }
    return found;
  });

export const Draft = {
  number: ({ draft }: ListRow) => draft.number,
  added: ({ draft }: ListRow) => draft.added,
  revised: ({ draft }: ListRow) => draft.revised,
  retired: ({ draft }: ListRow) => draft.retired,
  itemCount: ({ itemCount, draft }: ListRow) => itemCount + draft.added - draft.retired,
  baseEdition: ({ draft }: ListRow) => draft.baseEdition,
  stage: ({ draft }: ListRow) => stageOf(draft.procedure),
  due: ({ draft }: ListRow) => draft.procedure?.due ?? null,
  overdue: ({ draft }: ListRow, _: unknown, context: Ctx) =>
    (draft.procedure?.due ?? '9999') < todayOf(context),
  submission: ({ draft }: ListRow) =>
    draft.submitted && {
      by: author(draft.submitted),
      at: draft.submitted.recordedAt,
      draftNumber: draft.procedure?.submission?.draftNumber ?? draft.number,
    },
  review: ({ draft }: ListRow) => review(draft.procedure?.review ?? null),
  asked: ({ draft }: ListRow) => (draft.procedure ? asked(draft.procedure.consultation) : []),
  opinions: ({ draft }: ListRow) =>
    draft.procedure ? recordedOpinions(draft.procedure.consultation).map(opinion) : [],
  approval: ({ draft }: ListRow) => draft.procedure?.approval ?? null,

  async affected(list: ListRow, _: unknown, context: Ctx) {
    const state = await stateOf(list, context);
    if (!state) return [];
    const found = await askable(
      context.service.organs,
      affectedByDraft(state),
      list.division,
      list.maintainer.organ,
    );
    return found.map((entry) => organ(entry.organ));
  },

  async superseded(list: ListRow, _: unknown, context: Ctx) {
    const state = await stateOf(list, context);
    return state !== undefined && isSuperseded(state);
  },

  async conflicts(list: ListRow, args: PageArguments, context: Ctx) {
    const state = await stateOf(list, context);
    const { limit } = pageOf(args);
    const rows = (state ? conflictsOf(state) : []).map((conflict) => ({
      cursor: Buffer.from(`conflict:${conflict.code}`).toString('base64url'),
      conflict,
    }));
    const start = args.after ? rows.findIndex(({ cursor }) => cursor === args.after) + 1 : 0;
    if (args.after && start === 0) throw strangeCursor();
    const page = { rows: rows.slice(start, start + limit), more: rows.length > start + limit };
    return connection(page, args, ({ conflict }) => shown(conflict));
  },

  async changes(list: ListRow, args: PageArguments, { service }: Ctx) {
    const page: Page<{ id: string; doc: StagedRow; cursor: string }> = await service.projections
      .documents(stagedChanges)
      .find({ index: 'byList', where: { list: list.id }, ...pageOf(args) });
    const published = await service.projections.temporal(items).getMany(page.rows.map(({ id }) => id));
    return connection(page, args, ({ id, doc }) => {
      const before = published.get(id)?.doc.content ?? null;
      const after = stagedContent(doc.staged, before);
      return {
        code: doc.code,
        name: (after ?? before)?.name ?? '',
        change: doc.staged.change,
        changes: fieldChanges(before, after),
        by: author(doc.by),
        at: doc.by.recordedAt,
        reason: doc.by.reason,
      };
    });
  },
};

const shown = ({ code, change, base, theirs, mine, fields }: ItemConflict) => ({
  code,
  name: (mine ?? theirs ?? base)?.name ?? '',
  change,
  inBase: base !== null,
  inTheirs: theirs !== null,
  inMine: mine !== null,
  fields: fields.map((field) => ({
    field,
    base: base?.[field] ?? null,
    theirs: theirs?.[field] ?? null,
    mine: mine?.[field] ?? null,
  })),
});

const strangeCursor = () =>
  refusalError({
    code: 'INVALID_INPUT',
    field: 'after',
    message: { en: 'The cursor is not one of these conflicts.', 'zh-CN': '游标不属于本次冲突列表。' },
  });
