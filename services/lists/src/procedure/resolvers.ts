import type { ListsContext } from '../context.ts';
import type { ProcedureStep, TimeLimit } from '../duty-list/item.ts';
import { editionOf, type ItemAsOf } from '../duty-list/queries.ts';
import { listById } from '../look-ups.ts';
import { type Measure, measureOf, minutesOf, spanOf, spanText } from './duration.ts';
import { type Drawing, drawProcedure, type PictureForm } from './picture.ts';
import { type PlannedStep, planOf } from './plan.ts';

/** What GraphQL tells of procedures: of items here, of integrated matters by the same functions. */

type Ctx = ListsContext;

/** A length, and how its procedure tells lengths. */
interface MeasuredSpan {
  minutes: number;
  measure: Measure;
}

/** The plan of a procedure; null where there is none. */
export function planned(steps: readonly ProcedureStep[], promised: TimeLimit | null) {
  if (steps.length === 0) return null;
  const plan = planOf(steps);
  const measure = measureOf([...steps.map(({ limit }) => limit), promised]);
  const span = (minutes: number): MeasuredSpan => ({ minutes, measure });
  const byId = new Map(steps.map((step) => [step.id, step]));
  return {
    steps: plan.steps.map((one: PlannedStep) => ({
      step: stepAnswer(byId.get(one.id) as ProcedureStep),
      layer: one.layer + 1,
      start: span(one.start),
      finish: span(one.finish),
      slack: span(one.slack),
      critical: one.critical,
    })),
    criticalPath: plan.criticalPath,
    total: span(plan.total),
    linear: span(plan.linear),
    saved: span(plan.linear - plan.total),
    reserve: promised && span(minutesOf(promised) - plan.total),
    unlimited: plan.unlimited,
  };
}

const stepAnswer = (step: ProcedureStep) => ({
  ...step,
  organ: step.organ ? { __typename: 'Organ', id: step.organ } : null,
});

export const TimeSpan = {
  amount: ({ minutes, measure }: MeasuredSpan) => spanOf(minutes, measure).amount,
  unit: ({ minutes, measure }: MeasuredSpan) => spanOf(minutes, measure).unit,
  exact: ({ minutes, measure }: MeasuredSpan) => spanOf(minutes, measure).exact,
  text: ({ minutes, measure }: MeasuredSpan, _: unknown, { locale }: Ctx) =>
    spanText(minutes, measure, locale),
};

export interface PictureArguments {
  form: PictureForm;
  language?: 'ZH_CN' | 'EN' | null;
}

/** The language that is asked for, else that of the request. */
export const languageOf = ({ language }: PictureArguments, { locale }: Ctx): Ctx['locale'] =>
  language ? (language === 'EN' ? 'en' : 'zh-CN') : locale;

/** Title, place in its list, and steps of an item, to be drawn. */
async function itemDrawing({ version }: ItemAsOf, context: Ctx, language: Ctx['locale']): Promise<Drawing> {
  const { list: id, code, edition: number, content } = version.doc;
  const list = await listById(context, id);
  const edition = await editionOf(context.service.projections, id, number);
  const place = [edition?.documentNumber, version.effectiveFrom].filter(Boolean);
  return {
    title: content.name,
    subtitle:
      language === 'en'
        ? `“${list?.title}”, item ${code}, edition ${number} (${place.join(', in force from ')})`
        : `《${list?.title}》事项 ${code}，第 ${number} 版（${place.join('，自 ')} 起施行）`,
    steps: content.procedure ?? [],
    promised: content.promised ?? null,
  };
}

/** Fields of DutyItem. */
export const itemProcedure = {
  procedurePlan: ({ version }: ItemAsOf) =>
    planned(version.doc.content.procedure ?? [], version.doc.content.promised ?? null),
  async procedurePicture(item: ItemAsOf, args: PictureArguments, context: Ctx) {
    if (!item.version.doc.content.procedure?.length) return null;
    const language = languageOf(args, context);
    return drawProcedure(await itemDrawing(item, context, language), args.form, language);
  },
};
