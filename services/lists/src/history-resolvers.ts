import type { ListsContext } from './context.ts';
import { type EditionRow, editionId, editions, type HistoryRow, type Provenance } from './duty-list/rows.ts';

/** Fields of history entries. */

type Ctx = ListsContext;

export const author = ({ author: { subject, name, organ: organId, role, onBehalfOf } }: Provenance) => ({
  subject,
  name,
  organId,
  role,
  onBehalfOf,
});

/** The edition that an entry belongs to, once it is published. */
const editionOfEntry = async (
  { list, edition }: HistoryRow,
  { loaders, service }: Ctx,
): Promise<EditionRow | undefined> =>
  edition === null
    ? undefined
    : loaders.load('editions', editionId(list, edition), (ids) =>
        service.projections.documents(editions).getMany(ids),
      );

/** The publication or, of a correction, the correction that put an entry in force. */
async function putInForceBy(row: HistoryRow, context: Ctx) {
  const edition = await editionOfEntry(row, context);
  return row.correction === null
    ? edition
    : edition?.corrections.find(({ number }) => number === row.correction);
}

export const HistoryEntry = {
  edition: async (row: HistoryRow, _: unknown, context: Ctx) => (await editionOfEntry(row, context))?.number,
  effectiveFrom: async (row: HistoryRow, _: unknown, context: Ctx) =>
    (await putInForceBy(row, context))?.effectiveFrom,
  documentNumber: async (row: HistoryRow, _: unknown, context: Ctx) =>
    (await putInForceBy(row, context))?.documentNumber,
  author: ({ provenance }: HistoryRow) => author(provenance),
  reason: ({ provenance }: HistoryRow) => provenance.reason,
  basis: ({ provenance }: HistoryRow) => provenance.basis,
  recordedAt: ({ provenance }: HistoryRow) => provenance.recordedAt,
  correlationId: ({ provenance }: HistoryRow) => provenance.correlationId,
};
