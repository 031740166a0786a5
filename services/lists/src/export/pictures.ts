import type { Text } from '@dutyledger/event-store/decider';
import { type Outcome, taken } from '@dutyledger/tables/table';
import { packStored } from '@dutyledger/tables/zip';
import { drawProcedure } from '../procedure/picture.ts';
import type { ExportedFile } from './export-items.ts';
import type { CanonicalRow } from './layout.ts';

/** Pictures of the procedures of a list (L-2): an archive with one SVG for each item that has a procedure. */

/** Some 20 KB each: what an answer can carry. */
const MOST_PICTURES = 500;

export function exportPictures(
  title: string,
  rows: readonly CanonicalRow[],
  locale: keyof Text,
): Outcome<ExportedFile & { count: number }> {
  const drawn = rows.filter(({ content }) => content.procedure?.length);
  if (drawn.length === 0) {
    return {
      ok: false,
      refusal: {
        code: 'NOT_FOUND',
        rule: 'L-2',
        field: 'format',
        message: {
          en: 'No item of the list has a procedure to be drawn.',
          'zh-CN': '清单中没有规定办理流程的事项，无图可导。',
        },
      },
    };
  }
  if (drawn.length > MOST_PICTURES) return { ok: false, refusal: tooMany(drawn.length) };
  const pictures = drawn.map(({ code, content }): [string, Buffer] => {
    const svg = drawProcedure(
      {
        title: content.name,
        subtitle: locale === 'en' ? `“${title}”, item ${code}` : `《${title}》事项 ${code}`,
        steps: content.procedure ?? [],
        promised: content.promised ?? null,
      },
      'SIDE_BY_SIDE',
      locale,
    );
    return [`${fileNameOf(`${code} ${content.name}`.slice(0, 80))}.svg`, Buffer.from(svg)];
  });
  const bytes = packStored(new Map(pictures));
  return taken({ bytes, mediaType: 'application/zip', extension: 'zip', count: drawn.length });
}

/** A name that every file system takes; codes differ, so that names do. */
export const fileNameOf = (title: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: file names hold none.
  title.toWellFormed().replace(/[\\/:*?"<>|\s\u0000-\u001f]+/g, '_');

const tooMany = (actual: number) => ({
  code: 'LIMIT_EXCEEDED' as const,
  rule: 'L-2',
  field: 'format',
  message: {
    en: `${actual} items have a procedure; at most ${MOST_PICTURES} pictures are exported at once. Ask for single items (DutyItem.procedurePicture).`,
    'zh-CN': `有 ${actual} 个事项规定了流程，一次最多导出 ${MOST_PICTURES} 幅图，请逐项获取（DutyItem.procedurePicture）。`,
  },
  details: { limit: MOST_PICTURES, actual },
});
