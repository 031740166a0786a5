import { arrow, BOX, box, boxHeight, type DrawnStep, type Locale, limitOf, WORDS } from './look.ts';
import type { Panel } from './network.ts';

/** The linear form: the same steps one after another, downwards, going on in the next column where one is full. */

const PITCH = 22;
const GUTTER = 44;
const LEAST_ROWS = 5;

/** Columns are about as high as `height`, that of the form beside it. */
export function chain(steps: readonly DrawnStep[], height: number, locale: Locale): Panel {
  const tall = boxHeight(steps, BOX.width, 1);
  const fitting = Math.max(LEAST_ROWS, Math.floor((height + PITCH) / (tall + PITCH)));
  const columns = Math.ceil(steps.length / fitting);
  const rows = Math.ceil(steps.length / Math.max(columns, 1));
  const placeOf = (i: number) => ({
    x: Math.floor(i / rows) * (BOX.width + GUTTER),
    y: (i % rows) * (tall + PITCH),
    width: BOX.width,
    height: tall,
  });
  const middleOf = (i: number) => placeOf(i).x + BOX.width / 2;
  const arrows = steps.slice(1).map((_, i) => {
    const [from, to] = [placeOf(i), placeOf(i + 1)];
    const [start, end] = [
      { x: middleOf(i), y: from.y + tall },
      { x: middleOf(i + 1), y: to.y },
    ];
    if (from.x === to.x) return arrow([start, end], false);
    const across = to.x - GUTTER / 2;
    const [low, high] = [start.y + PITCH / 2, to.y - PITCH / 2];
    return arrow(
      [
        start,
        { x: start.x, y: low },
        { x: across, y: low },
        { x: across, y: high },
        { x: end.x, y: high },
        end,
      ],
      false,
    );
  });
  const boxes = steps.map((drawn, i) =>
    box({ ...drawn, planned: { ...drawn.planned, critical: false } }, placeOf(i), {
      limit: limitOf(drawn, locale),
      above: drawn.step.organName ?? WORDS.unnamed[locale],
    }),
  );
  return {
    width: Math.max(columns, 1) * (BOX.width + GUTTER) - GUTTER,
    height: rows * (tall + PITCH) - PITCH + (columns > 1 ? PITCH / 2 : 0),
    content: [...arrows, ...boxes],
  };
}
