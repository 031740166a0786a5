import type { Text } from '@dutyledger/event-store/decider';
import type { ProcedureStep, TimeLimit } from '../duty-list/item.ts';
import { chain } from './chain.ts';
import { limitText, spanText } from './duration.ts';
import {
  arrow,
  CRITICAL,
  colourOf,
  type DrawnStep,
  FAINT,
  INK,
  LINE,
  type Locale,
  PAPER,
  RULE,
  write,
  writeLines,
} from './look.ts';
import { network, type Panel } from './network.ts';
import { type Plan, planOf } from './plan.ts';
import { element, type Markup, textNode } from './svg.ts';
import { widthOf, wrap } from './wrap.ts';

/**
 * The "construction drawing" (施工图) of a procedure, as SVG: the linear form, in which every step waits for the one before;
 * the parallel form, in which it waits for what it must; or both side by side with the time that is saved. The linear
 * form has the very same steps, so that what is saved comes of the order alone.
 */

export type PictureForm = 'LINEAR' | 'PARALLEL' | 'SIDE_BY_SIDE';

export interface Drawing {
  title: string;
  /** Where it stands: list, edition, code. */
  subtitle: string;
  /** As they were checked (step-rules.ts); at least one. */
  steps: readonly Pick<ProcedureStep, 'id' | 'name' | 'organName' | 'limit' | 'after'>[];
  promised: TimeLimit | null;
}

const TEXTS = {
  linear: { 'zh-CN': '线性办理：逐项依次', en: 'Linear: one step after another' },
  parallel: { 'zh-CN': '并联办理：平行推进', en: 'Parallel: branches at the same time' },
  saved: { 'zh-CN': '节省', en: 'saved' },
  promised: { 'zh-CN': '承诺时限', en: 'Promised' },
  critical: { 'zh-CN': '关键路径', en: 'critical path' },
  waits: { 'zh-CN': '先后顺序', en: 'what waits for what' },
  unlimited: { 'zh-CN': '个步骤未定时限，未计入', en: 'steps without a limit are not counted' },
  converted: {
    'zh-CN': '不同单位按每周 5 个工作日、每日 8 个工作时折算',
    en: 'units converted at 5 working days a week, 8 working hours a day',
  },
} satisfies Record<string, Text>;

const MARGIN = 32;
const BETWEEN = 56;
const TITLE = 22;
const SMALL = 12.5;
const HEADING = 42;
const BAR = { height: 24, gap: 8, most: 620, label: 132 };

export function drawProcedure(drawing: Drawing, form: PictureForm, locale: Locale): string {
  const plan = planOf(drawing.steps);
  const steps = drawnSteps(drawing, plan);
  const parallel = network(plan, steps, locale);
  const panels: { heading: string; panel: Panel }[] = [];
  if (form !== 'PARALLEL') {
    const height = form === 'LINEAR' ? 560 : parallel.height;
    panels.push({ heading: TEXTS.linear[locale], panel: chain([...steps.values()], height, locale) });
  }
  if (form !== 'LINEAR') panels.push({ heading: TEXTS.parallel[locale], panel: parallel });
  const wide = panels.reduce((sum, { panel }) => sum + panel.width, 0) + BETWEEN * (panels.length - 1);
  const inner = Math.max(wide, 560);
  const head = headOf(drawing, plan, { form, locale, width: inner });
  const legend = legendOf(plan, { form, locale, width: inner });
  const high = Math.max(...panels.map(({ panel }) => panel.height));
  const [width, height] = [inner + 2 * MARGIN, head.height + HEADING + high + 2 * MARGIN + legend.height];
  let x = MARGIN;
  const placed = panels.flatMap(({ heading, panel }) => {
    const at = { x, y: MARGIN + head.height };
    x += panel.width + BETWEEN;
    return [
      write(heading, at.x, at.y + 18, { size: 15, bold: true }),
      moved(at.x, at.y + HEADING, panel.content),
    ];
  });
  return pictureOf({ width, height, title: drawing.title, about: head.about }, [
    moved(MARGIN, MARGIN, head.content),
    ...placed,
    moved(MARGIN, height - MARGIN - legend.height + 12, legend.content),
  ]);
}

const moved = (x: number, y: number, content: readonly Markup[]): Markup =>
  element('g', { transform: `translate(${Math.round(x)} ${Math.round(y)})` }, content);

function pictureOf(
  { width, height, title, about }: { width: number; height: number; title: string; about: string },
  content: readonly Markup[],
): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: w,
      height: h,
      viewBox: `0 0 ${w} ${h}`,
      role: 'img',
      'font-family': 'sans-serif',
    },
    [
      element('title', {}, [textNode(title)]),
      element('desc', {}, [textNode(about)]),
      element('rect', { width: w, height: h, fill: PAPER }),
      ...content,
    ],
  )}\n`;
}

/** Steps in an order in which they can be done, each with its number and the colour of its organ's lane. */
function drawnSteps({ steps }: Drawing, plan: Plan): Map<string, DrawnStep> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const lanes: (string | null)[] = [];
  const drawn = new Map<string, DrawnStep>();
  for (const planned of plan.steps) {
    const step = byId.get(planned.id);
    if (!step) continue;
    if (!lanes.includes(step.organName)) lanes.push(step.organName);
    const colour = colourOf(lanes.indexOf(step.organName));
    drawn.set(planned.id, { step, planned, number: drawn.size + 1, colour });
  }
  return drawn;
}

interface Head {
  height: number;
  content: Markup[];
  /** The same in words, for those who do not see the picture. */
  about: string;
}

function headOf(
  { title, subtitle, promised }: Drawing,
  plan: Plan,
  { form, locale, width }: { form: PictureForm; locale: Locale; width: number },
): Head {
  const titles = wrap(title, TITLE, width, 2);
  const below = wrap(subtitle, SMALL, width, 2);
  const content = [
    ...writeLines(titles, 0, TITLE - 2, { size: TITLE, bold: true }, TITLE + 6),
    ...writeLines(below, 0, titles.length * (TITLE + 6) + 14, { size: SMALL, colour: FAINT }, 18),
  ];
  let y = titles.length * (TITLE + 6) + below.length * 18 + 18;
  const about = [subtitle];
  for (const { label, minutes, colour, note } of barsOf(plan, form, locale)) {
    const told = spanText(minutes, plan.measure, locale);
    const most = Math.min(BAR.most, width - BAR.label - 150);
    const length = plan.linear === 0 ? 0 : (minutes / plan.linear) * most;
    content.push(...bar({ y, label, told, note, colour }, length, most));
    y += BAR.height + BAR.gap;
    about.push([label, told, note].filter(Boolean).join(' '));
  }
  if (promised) {
    const [label, told] = [TEXTS.promised[locale], limitText(promised, locale)];
    content.push(
      write(label, 0, y + 17, { size: 13, bold: true }),
      write(told, BAR.label, y + 17, { size: 13, bold: true }),
    );
    about.push(`${label} ${told}`);
    y += 26;
  }
  return { height: y + 20, content, about: about.join('; ') };
}

interface Bar {
  label: string;
  minutes: number;
  colour: string;
  note: string;
}

/** How long each form takes, to one scale; none where no step has a limit. */
function barsOf(plan: Plan, form: PictureForm, locale: Locale): Bar[] {
  const { total, linear, measure } = plan;
  if (linear === 0) return [];
  const word = (text: Text): string => text[locale].split(/[：:]/)[0] ?? '';
  const share = Math.round(((linear - total) / linear) * 100);
  const saved = `${TEXTS.saved[locale]} ${spanText(linear - total, measure, locale)} (${share}%)`;
  return [
    ...(form === 'PARALLEL' ? [] : [{ label: word(TEXTS.linear), minutes: linear, colour: LINE, note: '' }]),
    ...(form === 'LINEAR'
      ? []
      : [
          {
            label: word(TEXTS.parallel),
            minutes: total,
            colour: CRITICAL,
            note: total < linear && form === 'SIDE_BY_SIDE' ? saved : '',
          },
        ]),
  ];
}

/** A bar with its length inside, or behind it where it is short; what is saved is outlined behind it. */
function bar(
  { y, label, told, note, colour }: { y: number; label: string; told: string; note: string; colour: string },
  length: number,
  most: number,
): Markup[] {
  const base = y + BAR.height / 2 + 5;
  const inside = widthOf(told, 13) + 16 < length;
  const rest = most - length;
  const noteInside = widthOf(note, SMALL) + 12 + (inside ? 0 : widthOf(told, 13) + 12) < rest;
  const after = BAR.label + length + (inside ? 8 : widthOf(told, 13) + 20);
  return [
    write(label, 0, base, { size: 13, bold: true }),
    element('rect', { x: BAR.label, y, width: Math.max(length, 2), height: BAR.height, rx: 4, fill: colour }),
    ...(note === ''
      ? []
      : [
          element('rect', {
            x: BAR.label + length,
            y: y + 0.5,
            width: rest,
            height: BAR.height - 1,
            rx: 4,
            fill: 'none',
            stroke: LINE,
            'stroke-dasharray': '4 3',
          }),
          write(note, noteInside ? after : BAR.label + most + 8, base, {
            size: SMALL,
            colour: FAINT,
            bold: true,
          }),
        ]),
    write(told, BAR.label + (inside ? 10 : length + 8), base, {
      size: 13,
      bold: true,
      colour: inside ? PAPER : INK,
    }),
  ];
}

function legendOf(
  plan: Plan,
  { form, locale, width }: { form: PictureForm; locale: Locale; width: number },
): { height: number; content: Markup[] } {
  const content: Markup[] = [element('line', { x1: 0, x2: width, y1: 0, y2: 0, stroke: RULE })];
  let x = 0;
  const entry = (text: string, mark: boolean | null) => {
    if (mark !== null)
      content.push(
        arrow(
          [
            { x, y: 18 },
            { x: x + 34, y: 18 },
          ],
          mark,
        ),
      );
    const left = mark === null ? x : x + 42;
    content.push(write(text, left, 22, { size: SMALL, colour: FAINT }));
    x = left + widthOf(text, SMALL) + 28;
  };
  entry(TEXTS.waits[locale], false);
  if (form !== 'LINEAR' && plan.total > 0) entry(TEXTS.critical[locale], true);
  if (plan.unlimited > 0) {
    const many = locale === 'zh-CN' ? plan.unlimited : `${plan.unlimited} `;
    entry(`${many}${TEXTS.unlimited[locale]}`, null);
  }
  const exact = plan.measure.length < 2 || plan.measure.every((unit) => !unit.startsWith('WORKING'));
  if (!exact) entry(TEXTS.converted[locale], null);
  return { height: 36, content };
}
