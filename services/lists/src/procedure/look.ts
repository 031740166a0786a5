import type { Text } from '@dutyledger/event-store/decider';
import type { ProcedureStep } from '../duty-list/item.ts';
import { limitText, type Measure, spanText } from './duration.ts';
import type { PlannedStep } from './plan.ts';
import { element, type Markup, textNode } from './svg.ts';
import { widthOf, wrap } from './wrap.ts';

/** How steps, lines and texts of a picture look. All lengths in pixels. */

export type Locale = keyof Text;

/** A step to be drawn, with what its plan says of it and the number that it has in every form of the picture. */
export interface DrawnStep {
  step: Pick<ProcedureStep, 'id' | 'name' | 'organName' | 'limit' | 'after'>;
  planned: PlannedStep;
  number: number;
  colour: string;
}

export const INK = '#1f2933';
export const FAINT = '#5f6c7b';
export const RULE = '#d5dbe3';
export const LINE = '#8b98a9';
export const CRITICAL = '#c62828';
const CRITICAL_FILL = '#fdeceb';
export const PAPER = '#ffffff';
/** Of organs, in the order in which the procedure comes to them; after the last the first again. */
const COLOURS = ['#2f6db3', '#2a8a7e', '#b0741a', '#7357b5', '#5a8a34', '#1f8fb8', '#86604a', '#566a80'];
export const colourOf = (lane: number): string => COLOURS[lane % COLOURS.length] ?? INK;

/** Light enough for text upon it. */
export const TINT = 0.07;

export const WORDS = {
  unnamed: { 'zh-CN': '未明确单位', en: 'No organ named' },
  unlimited: { 'zh-CN': '未定时限', en: 'No limit' },
  slack: { 'zh-CN': '机动', en: 'slack' },
} satisfies Record<string, Text>;

export const BOX = { width: 176, inset: 10, line: 18, size: 13.5, small: 11.5, radius: 7, badge: 20 };
const MOST_LINES = 3;
const SMALL_LINE = 17;

interface TextStyle {
  size: number;
  colour?: string;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
}

/** One line of text; `y` is its baseline. No text, no element. */
export const write = (text: string, x: number, y: number, style: TextStyle): Markup =>
  text === ''
    ? textNode('')
    : element(
        'text',
        {
          x,
          y,
          'font-size': style.size,
          fill: style.colour ?? INK,
          ...(style.bold && { 'font-weight': 'bold' }),
          ...(style.anchor && { 'text-anchor': style.anchor }),
        },
        [textNode(text)],
      );

/** Lines one below the other; `y` is the first baseline. */
export const writeLines = (
  lines: readonly string[],
  x: number,
  y: number,
  style: TextStyle,
  step: number,
): Markup[] => lines.map((line, i) => write(line, x, y + i * step, style));

/** The name of a step as lines that leave room for its number. */
const nameLines = ({ step }: DrawnStep, width: number): string[] =>
  wrap(step.name, BOX.size, width - 2 * BOX.inset - BOX.badge - 4, MOST_LINES);

/** Height that holds every one of the steps; `more` lines besides name and limit. */
export const boxHeight = (steps: readonly DrawnStep[], width: number, more = 0): number =>
  Math.max(1, ...steps.map((step) => nameLines(step, width).length)) * BOX.line +
  (1 + more) * SMALL_LINE +
  21;

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a box says below the name of its step. */
export interface Notes {
  limit: string;
  /** At the end of the line that has the limit. */
  aside?: string;
  /** On a line of its own above it. */
  above?: string;
}

/** Whether limit and aside stand in one line of a box. */
export const inOneLine = ({ limit, aside = '' }: Notes): boolean =>
  widthOf(limit, BOX.small) + widthOf(aside, BOX.small) + 8 <= BOX.width - 2 * BOX.inset;

/** A step as a box. */
export function box(drawn: DrawnStep, place: Place, { limit, aside = '', above = '' }: Notes): Markup {
  const { x, y, width, height } = place;
  const { step, planned, number, colour } = drawn;
  const [centre, left, lowest] = [x + BOX.inset + BOX.badge / 2 - 2, x + BOX.inset, y + height - 11];
  const small = (text: string, room: number): string => wrap(text, BOX.small, room, 1)[0] ?? '';
  const rest = width - 2 * BOX.inset - widthOf(limit, BOX.small) - 8;
  const full = [`${number}. ${step.name}`, step.organName, limit].filter(Boolean).join(' · ');
  return element('g', {}, [
    element('title', {}, [textNode(full)]),
    element('rect', {
      x,
      y,
      width,
      height,
      rx: BOX.radius,
      fill: planned.critical ? CRITICAL_FILL : PAPER,
      stroke: planned.critical ? CRITICAL : colour,
      'stroke-width': planned.critical ? 2.2 : 1.2,
    }),
    element('circle', { cx: centre, cy: y + 19, r: BOX.badge / 2, fill: colour }),
    write(String(number), centre, y + 23, { size: 11, colour: PAPER, bold: true, anchor: 'middle' }),
    ...writeLines(nameLines(drawn, width), left + BOX.badge + 4, y + 24, { size: BOX.size }, BOX.line),
    write(small(above, width - 2 * BOX.inset), left, lowest - SMALL_LINE, { size: BOX.small, colour: FAINT }),
    write(limit, left, lowest, {
      size: BOX.small,
      bold: true,
      colour: planned.critical ? CRITICAL : INK,
    }),
    write(small(aside, rest), x + width - BOX.inset, lowest, {
      size: BOX.small,
      colour: FAINT,
      anchor: 'end',
    }),
  ]);
}

export const limitOf = ({ step }: DrawnStep, locale: Locale): string =>
  step.limit ? limitText(step.limit, locale) : WORDS.unlimited[locale];

/** How long a step that is not critical may wait. */
export const slackOf = ({ planned }: DrawnStep, measure: Measure, locale: Locale): string =>
  planned.slack > 0 ? `${WORDS.slack[locale]} ${spanText(planned.slack, measure, locale)}` : '';

export interface Point {
  x: number;
  y: number;
}

const CORNER = 7;
const HEAD = 7;

/** A line through the points with round corners and an arrow head at its end. */
export function arrow(points: readonly Point[], critical: boolean): Markup {
  const [colour, width] = critical ? [CRITICAL, 2.4] : [LINE, 1.5];
  const corners = points
    .slice(1, -1)
    .map((point, i) => rounded(points[i] ?? point, point, points[i + 2] ?? point));
  const [start, end] = [points[0] ?? { x: 0, y: 0 }, points.at(-1) ?? { x: 0, y: 0 }];
  const before = points.at(-2) ?? start;
  const down = before.x === end.x;
  const stop = down ? { x: end.x, y: end.y - HEAD } : { x: end.x - HEAD, y: end.y };
  const head = down
    ? `M${spot(end)}L${spot({ x: end.x - 4, y: stop.y })}L${spot({ x: end.x + 4, y: stop.y })}Z`
    : `M${spot(end)}L${spot({ x: stop.x, y: end.y - 4 })}L${spot({ x: stop.x, y: end.y + 4 })}Z`;
  return element('g', {}, [
    element('path', {
      d: `M${spot(start)}${corners.join('')}L${spot(stop)}`,
      fill: 'none',
      stroke: colour,
      'stroke-width': width,
    }),
    element('path', { d: head, fill: colour }),
  ]);
}

const spot = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;

function rounded(before: Point, corner: Point, after: Point): string {
  const towards = (other: Point): Point => {
    const length = Math.abs(other.x - corner.x) + Math.abs(other.y - corner.y);
    const share = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
    return { x: corner.x + (other.x - corner.x) * share, y: corner.y + (other.y - corner.y) * share };
  };
  return `L${spot(towards(before))}Q${spot(corner)} ${spot(towards(after))}`;
}
