import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from './context.ts';
import { dutyList } from './duty-list/duty-list.ts';
import { itemsInForce } from './duty-list/queries.ts';
import { type ListRow, orderOf } from './duty-list/rows.ts';
import { draftItems, dutyListStream } from './duty-list/state.ts';
import { exportItems } from './export/export-items.ts';
import type { CanonicalRow } from './export/layout.ts';
import { exportPictures, fileNameOf } from './export/pictures.ts';
import { requireList, seesDrafts } from './look-ups.ts';

/** L-11: a list as a file that importDutyItems reads back without loss, or the pictures of its procedures. */

interface ExportArguments {
  list: string;
  format: 'CSV' | 'XLSX' | 'JSON' | 'SVG';
  encoding: 'UTF_8' | 'GB18030';
  asOf?: AsOfInput | null;
  draft: boolean;
}

export async function exportDutyList(_: unknown, args: ExportArguments, context: ListsContext) {
  const list = await requireList(context, args.list);
  const rows = args.draft ? await stagedRows(list, context) : await rowsInForce(list, args, context);
  const { locale } = context;
  const { value: file } = unwrap(
    args.format === 'SVG'
      ? exportPictures(list.title, rows, locale)
      : exportItems(rows, {
          format: FORMATS[args.format],
          encoding: args.encoding === 'GB18030' ? 'gb18030' : 'utf-8',
          title: list.title,
        }),
    locale,
  );
  return {
    fileName: `${fileNameOf(list.title)}.${file.extension}`,
    mediaType: file.mediaType,
    content: file.bytes,
    itemCount: 'count' in file ? file.count : rows.length,
  };
}

const FORMATS = { CSV: 'csv', XLSX: 'xlsx', JSON: 'json' } as const;

async function rowsInForce(
  list: ListRow,
  args: ExportArguments,
  { service, now }: ListsContext,
): Promise<CanonicalRow[]> {
  const rows: CanonicalRow[] = [];
  for await (const { version } of itemsInForce(service.projections, list.id, asOf(args.asOf, now))) {
    rows.push({ code: version.doc.code, content: version.doc.content });
  }
  return rows;
}

async function stagedRows(list: ListRow, context: ListsContext): Promise<CanonicalRow[]> {
  requireDivision(context, list.division, 'list');
  if (!seesDrafts(context, list.division)) {
    throw refusalError({
      code: 'NOT_PERMITTED',
      field: 'draft',
      message: {
        en: 'The draft is for list editors, publishers and auditors.',
        'zh-CN': '草案仅供清单编辑、发布人员和审计人员查看。',
      },
    });
  }
  const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
  if (state.status === 'absent') return [];
  return [...draftItems(state)]
    .map(([code, content]) => ({ code, content }))
    .sort((a, b) => compare(orderOf(a.code), orderOf(b.code)) || compare(a.code, b.code));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
