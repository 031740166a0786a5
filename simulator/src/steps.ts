import type { CaseView } from './case-view.ts';
import { type Actor, hotline, platform, townCentre, workerOf } from './cast.ts';
import { asked, handling } from './handling.ts';
import { type Case, DONE, desk, RANK, type Scene, type Step, take, why } from './scene.ts';

/** What the people of the county do with a case that lies before them. Pure but for chance, which is given. */

/** The report; `level`: of an emergency. */
export function report({ plan }: Pick<Case, 'plan'>, { county, cast }: Omit<Scene, 'other'>): Step {
  const { source, grid, class: of, place, byCode, address, urgency, reporter, town, course } = plan;
  const patrol = source === 'GRID_PATROL' && grid !== null ? workerOf(county, grid) : undefined;
  const above = source === 'COMMAND' || source === 'DEPARTMENT' ? platform(county, cast) : hotline(county);
  return {
    operation: 'reportCase',
    by: patrol ?? above,
    input: {
      ...{ division: town, source, class: of.code, description: of.what, urgency },
      ...(place && { place }),
      ...(byCode && grid !== null && { gridCode: county.grids[grid]?.code }),
      ...(address && { address }),
      ...(reporter && { reporter }),
      ...(urgency === 'EMERGENCY' && { level: 'COUNTY' }),
      ...(course === 'AT_ONCE' && { settled: { text: '现场劝导、清理，当场办结' } }),
    },
  };
}

/** What is done now; null: nothing more, for now or for good. */
export function next(one: Case, scene: Scene): Step | null {
  switch (one.view.status) {
    case 'REPORTED':
      return onDesk(one, scene) ?? reported(one, scene);
    case 'ACCEPTED':
      return onDesk(one, scene) ?? accepted(one, scene);
    case 'FILED':
      return onDesk(one, scene) ?? filed(one, scene);
    case 'HANDLING':
      return asked(one, scene) ?? handling(one, scene);
    case 'SUSPENDED':
      return take(one, 'RESUME_EARLY') ? { operation: 'resumeCase', by: desk(one, scene), input: {} } : null;
    case 'HANDLED':
      return { operation: 'giveCaseFeedback', by: desk(one, scene), input: { text: '已按要求办结' } };
    case 'FED_BACK':
      return fedBack(one, scene);
    case 'VERIFIED':
      return { operation: 'closeCase', by: desk(one, scene), input: {} };
    case 'CLOSED':
    case 'EVALUATED':
      return afterwards(one, scene);
    case 'REFUSED':
      return take(one, 'REOPEN') ? reopen(one, scene) : null;
    case 'MERGED':
      return take(one, 'UNMERGE')
        ? {
            operation: 'unmergeCase',
            by: platform(scene.county, scene.cast),
            input: why('经核查并非同一问题'),
          }
        : null;
    case 'VOIDED':
      return null;
    default:
      return one.view.status satisfies never;
  }
}

/** What may happen wherever it lies on a desk: what is refused, merged, voided, linked. */
function onDesk(one: Case, scene: Scene): Step | null {
  const { plan, view } = one;
  const by = desk(one, scene);
  const first = plan.duplicateOf === null ? undefined : scene.other(plan.duplicateOf);
  if (view.level !== 'WORKER' && take(one, 'OUT_OF_TURN')) {
    return { operation: 'verifyCase', by, input: { ...DONE, close: true }, provoked: true };
  }
  if (take(one, 'NOT_THEIRS')) {
    const other = scene.county.towns.find(({ code }) => code !== plan.town);
    if (other) {
      const foreign = townCentre(other.code, scene.cast);
      return { operation: 'voidCase', by: foreign, input: why('误操作'), provoked: true };
    }
  }
  if (first && isOpen(first) && take(one, 'MERGE')) {
    const input = { into: first.id, ...why('与在办案件为同一问题') };
    return { operation: 'mergeCase', by: platform(scene.county, scene.cast), input };
  }
  if (take(one, 'VOID')) return { operation: 'voidCase', by, input: why('重复登记') };
  if (first && take(one, 'LINK')) {
    return {
      operation: 'linkCase',
      by: platform(scene.county, scene.cast),
      input: { to: first.id, note: '同一地点' },
    };
  }
  return null;
}

const isOpen = ({ status }: CaseView): boolean =>
  !['REFUSED', 'CLOSED', 'EVALUATED', 'VOIDED', 'MERGED'].includes(status);

/** Between the towns and the county there is somebody below to return a case to. */
function up(one: Case, by: Actor): Step | null {
  if (RANK[one.course] <= RANK[one.view.level]) return null;
  return { operation: 'escalateCase', by, input: why('超出本级处置能力') };
}

function back(one: Case, by: Actor): Step | null {
  const { level, gridId } = one.view;
  const below = level === 'COUNTY' ? 'TOWN' : 'WORKER';
  if (level === 'WORKER' || (below === 'WORKER' && gridId === null) || !take(one, 'SEND_BACK')) return null;
  one.course = below;
  return { operation: 'sendBackCase', by, input: why('属下级处置范围') };
}

function reported(one: Case, scene: Scene): Step {
  const by = desk(one, scene);
  if (one.view.level !== 'WORKER' && take(one, 'REFUSE')) {
    return { operation: 'refuseCase', by, input: why('不属于受理范围，已告知反映渠道') };
  }
  const file = one.view.level !== 'WORKER' && !take(one, 'ACCEPT_ONLY');
  const atCounty = one.view.level === 'COUNTY' || one.view.level === 'JOINT';
  const accept: Step = { operation: 'acceptCase', by, input: { file } };
  return (atCounty ? null : up(one, by)) ?? back(one, by) ?? accept;
}

function accepted(one: Case, scene: Scene): Step {
  const by = desk(one, scene);
  if (one.view.level !== 'WORKER') return { operation: 'fileCase', by, input: {} };
  return up(one, by) ?? { operation: 'settleCase', by, input: DONE };
}

function filed(one: Case, scene: Scene): Step {
  const { view, plan } = one;
  const by = desk(one, scene);
  const higher = up(one, by);
  if (higher) return higher;
  if (view.level === 'TOWN' || view.level === 'WORKER') {
    if (view.level === 'WORKER' || !take(one, 'TOWN_TASK'))
      return { operation: 'settleCase', by, input: DONE };
    const organ = scene.cast.governments.get(plan.town);
    const task = { key: '1', name: plan.class.what, organ, role: 'LEAD' };
    return { operation: 'dispatchCase', by, input: { tasks: [task] } };
  }
  if (view.level === 'JOINT' && view.meeting === null) {
    const participants = someOf(one, scene.cast.departments, 3);
    const input = {
      participants,
      decision: '明确牵头和配合单位，限期办结',
      documentNumber: `联席纪要${plan.number}号`,
    };
    return { operation: 'holdJointMeeting', by, input };
  }
  if (view.level !== 'JOINT' && view.route.lead) return { operation: 'dispatchCase', by, input: {} };
  const tasks = someOf(one, scene.cast.departments, view.level === 'JOINT' ? 3 : 1).map((organ, i) => ({
    ...{ key: String(i + 1), name: plan.class.what, organ, role: i === 0 ? 'LEAD' : 'COOPERATE' },
  }));
  return { operation: 'dispatchCase', by, input: { tasks } };
}

function someOf({ random }: Case, organs: readonly string[], count: number): string[] {
  const left = [...organs];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(random.below(left.length), 1),
  ).flat();
}

function fedBack(one: Case, scene: Scene): Step {
  const by = desk(one, scene);
  const poor = (['REWORK', 'REWORK_AGAIN', 'REWORK_THIRD'] as const).find((wish) => take(one, wish));
  if (poor) return { operation: 'reworkCase', by, input: why('现场核实未处置到位') };
  return {
    operation: 'verifyCase',
    by,
    input: { result: { text: '现场核实已处置' }, close: !take(one, 'VERIFY_ONLY') },
  };
}

function reopen({ plan }: Case, { cast }: Scene): Step {
  return { operation: 'reopenCase', by: townCentre(plan.town, cast), input: why('群众反映问题反复') };
}

/** Reporter and town say how it was; now and then it comes up again. */
function afterwards(one: Case, scene: Scene): Step | null {
  const { plan, random } = one;
  const by = townCentre(plan.town, scene.cast);
  const wellDone = random.chance(0.94);
  const opinion = {
    responded: random.chance(0.99),
    resolved: wellDone,
    satisfied: wellDone && random.chance(0.97),
  };
  if (plan.reporter !== null && take(one, 'EVALUATE_REPORTER')) {
    return { operation: 'evaluateCase', by: hotline(scene.county), input: { by: 'REPORTER', ...opinion } };
  }
  if (plan.course !== 'AT_ONCE' && take(one, 'EVALUATE_TOWN')) {
    return { operation: 'evaluateCase', by, input: { by: 'TOWN', ...opinion } };
  }
  return take(one, 'REOPEN') ? reopen(one, scene) : null;
}
