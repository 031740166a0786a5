import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { tooMany, unfit, unknownGrid, unknownWorker, violation } from './refusals.ts';
import { evolve, initial, type Roster, type WorkerEvent, type WorkerField } from './state.ts';
import { isActive, type Worker } from './worker.ts';
import { type NewWorker, problemOf, type WorkerChanges } from './worker-rules.ts';

/**
 * The roster of a county's grid workers (G-2): register, revise, assign to grids, end. Events, state and `evolve` are in
 * state.ts, the rules of a person in worker-rules.ts, ratings in rating.ts.
 */

export type RosterCommand = { county: string; effectiveFrom: string } & (
  | { type: 'RegisterWorkers'; workers: NewWorker[]; grids: ReadonlySet<string> }
  | { type: 'ReviseWorker'; worker: string; changes: WorkerChanges }
  | { type: 'AssignWorker'; worker: string; add: string[]; remove: string[]; grids: ReadonlySet<string> }
  | { type: 'EndWorker'; worker: string }
  /** All rows or none; what speaks against each is told together. */
  | { type: 'ImportWorkers'; rows: ImportedWorker[]; grids: ReadonlySet<string> }
);
type CommandOf<T extends RosterCommand['type']> = Extract<RosterCommand, { type: T }>;

/** A row of a file: a new person, or what changes of one on record; `grids` left out: as they are. */
export type ImportedWorker =
  | { change: 'CREATE'; worker: NewWorker }
  | { change: 'REVISE'; worker: string; changes: WorkerChanges; grids?: string[] };

export const MOST_REGISTERED = 1_000;
const MOST_IMPORTED = 20_000;
const MOST_GRIDS = 50;

/** `grids` of a command: those of the county that are there on the day, looked up before. */
function decide(command: RosterCommand, state: Roster): Decision<WorkerEvent> {
  switch (command.type) {
    case 'RegisterWorkers':
      return registerWorkers(command, state);
    case 'ReviseWorker':
      return reviseWorker(command.worker, command.changes, command.effectiveFrom, state);
    case 'AssignWorker':
      return assignWorker(command, state);
    case 'EndWorker':
      return endWorker(command, state);
    case 'ImportWorkers':
      return importWorkers(command, state);
    default:
      return assertNever(command);
  }
}

/** All or none; the first problem found is reported with its place in the list. */
function registerWorkers(command: CommandOf<'RegisterWorkers'>, state: Roster): Decision<WorkerEvent> {
  const { workers } = command;
  if (workers.length > MOST_REGISTERED) return refuse(tooMany('workers', workers.length, MOST_REGISTERED));
  const events: WorkerEvent[] = [];
  let after = state;
  for (const [i, given] of workers.entries()) {
    const decision = registerWorker(given, command, after, `workers[${i}].`);
    if (!decision.ok) return decision;
    after = decision.events.reduce(evolve, after);
    events.push(...decision.events);
  }
  return accept(...events);
}

type Facts = { county: string; effectiveFrom: string; grids: ReadonlySet<string> };

function registerWorker(
  given: NewWorker,
  { county, effectiveFrom, grids }: Facts,
  state: Roster,
  path: string,
): Decision<WorkerEvent> {
  const worker: Worker = {
    ...given,
    id: `worker:${county.slice(0, 6)}-${given.number}`,
    county,
    grids: [...new Set(given.grids)],
    status: 'active',
    effectiveFrom,
  };
  if (state.workers.has(worker.id)) {
    return refuse(
      violation(`${path}number`, {
        en: `The number ${given.number} is on the roster already; numbers are not given twice.`,
        'zh-CN': `工号 ${given.number} 已在名册中，工号不得重复使用。`,
      }),
    );
  }
  const problem = problemOf(worker, state, path) ?? gridProblem(worker, worker.grids, grids, state, path);
  if (problem) return refuse(problem);
  return accept<WorkerEvent>({ type: 'WorkerRegistered', data: { worker }, effectiveAt: effectiveFrom });
}

function changeable(
  id: string,
  state: Roster,
  day: string,
): { ok: true; worker: Worker } | { ok: false; refusal: Refusal } {
  const worker = state.workers.get(id);
  if (!worker) return refuse(unknownWorker(id, 'worker'));
  if (!isActive(worker)) {
    return refuse(
      violation('worker', {
        en: `${worker.name} left the roster on ${worker.effectiveFrom}.`,
        'zh-CN': `${worker.name}已于 ${worker.effectiveFrom} 离岗。`,
      }),
    );
  }
  if (day >= worker.effectiveFrom) return { ok: true, worker };
  return refuse(
    violation(
      'effectiveFrom',
      {
        en: `${worker.name} is on record as of ${worker.effectiveFrom}; a change cannot take effect before that, on ${day}.`,
        'zh-CN': `${worker.name}的现状自 ${worker.effectiveFrom} 起生效，变更不能早于该日（${day}）生效。`,
      },
      { onRecordFrom: worker.effectiveFrom },
    ),
  );
}

function reviseWorker(
  id: string,
  changes: WorkerChanges,
  effectiveFrom: string,
  state: Roster,
): Decision<WorkerEvent> {
  const found = changeable(id, state, effectiveFrom);
  if (!found.ok) return found;
  const { worker } = found;
  const fields = (Object.keys(changes) as WorkerField[]).filter(
    (field) => JSON.stringify(worker[field]) !== JSON.stringify(changes[field]),
  );
  if (fields.length === 0) return accept();
  const revised: Worker = { ...worker, ...changes, effectiveFrom };
  const problem = problemOf(revised, state, '') ?? leaderProblem(revised, revised.grids, state, 'post');
  if (problem) return refuse(problem);
  return accept<WorkerEvent>({
    type: 'WorkerRevised',
    data: { worker: revised, fields },
    effectiveAt: effectiveFrom,
  });
}

function assignWorker(
  command: Omit<CommandOf<'AssignWorker'>, 'type' | 'county'>,
  state: Roster,
): Decision<WorkerEvent> {
  const { effectiveFrom } = command;
  const found = changeable(command.worker, state, effectiveFrom);
  if (!found.ok) return found;
  const { worker } = found;
  const stray = command.remove.find((grid) => !worker.grids.includes(grid));
  if (stray !== undefined) return refuse(unknownGrid(stray, 'remove', effectiveFrom));
  const removed = [...new Set(command.remove)];
  const added = [...new Set(command.add)].filter((grid) => !worker.grids.includes(grid));
  if (added.length + removed.length === 0) return accept();
  const kept = worker.grids.filter((grid) => !removed.includes(grid));
  const assigned: Worker = { ...worker, grids: [...kept, ...added], effectiveFrom };
  const problem = gridProblem(assigned, added, command.grids, state, '');
  if (problem) return refuse(problem);
  return accept<WorkerEvent>({
    type: 'WorkerAssigned',
    data: { worker: assigned, added, removed },
    effectiveAt: effectiveFrom,
  });
}

function endWorker(
  { worker: id, effectiveFrom }: CommandOf<'EndWorker'>,
  state: Roster,
): Decision<WorkerEvent> {
  const found = changeable(id, state, effectiveFrom);
  if (!found.ok) return found;
  const worker: Worker = { ...found.worker, grids: [], status: 'ended', effectiveFrom };
  return accept<WorkerEvent>({ type: 'WorkerEnded', data: { worker }, effectiveAt: effectiveFrom });
}

function gridProblem(
  worker: Worker,
  added: readonly string[],
  known: ReadonlySet<string>,
  state: Roster,
  path: string,
): Refusal | undefined {
  if (worker.grids.length > MOST_GRIDS) return tooMany(`${path}grids`, worker.grids.length, MOST_GRIDS);
  const unknown = added.find((grid) => !known.has(grid));
  if (unknown !== undefined) return unknownGrid(unknown, `${path}grids`, worker.effectiveFrom);
  return leaderProblem(worker, added, state, `${path}grids`);
}

/** A grid has one leader at a time: the next may begin on the day on which the former one ended. */
function leaderProblem(
  { id, post, effectiveFrom }: Worker,
  grids: readonly string[],
  { leaders, workers }: Roster,
  field: string,
): Refusal | undefined {
  if (post !== 'GRID_LEADER') return undefined;
  for (const grid of grids) {
    const leader = leaders.get(grid);
    if (!leader || leader.worker === id || (leader.until !== null && leader.until <= effectiveFrom)) continue;
    const name = workers.get(leader.worker)?.name ?? leader.worker;
    return violation(
      field,
      {
        en: `The grid ${grid} has a leader on ${effectiveFrom}: ${name}. A grid has one leader.`,
        'zh-CN': `网格 ${grid} 在 ${effectiveFrom} 已有网格长${name}；一个网格只有一名网格长。`,
      },
      { grid, leader: leader.worker },
    );
  }
  return undefined;
}

/** What stands against a row of an import, by its place in the command. */
export interface RowRefusal {
  at: number;
  refusal: Refusal;
}

function importWorkers(command: CommandOf<'ImportWorkers'>, state: Roster): Decision<WorkerEvent> {
  const { rows } = command;
  if (rows.length > MOST_IMPORTED) return refuse(tooMany('content', rows.length, MOST_IMPORTED));
  const refusals: RowRefusal[] = [];
  const events: WorkerEvent[] = [];
  let after = state;
  for (const [at, row] of rows.entries()) {
    const decision = importRow(row, command, after);
    if (!decision.ok) {
      refusals.push({ at, refusal: decision.refusal });
      continue;
    }
    after = decision.events.reduce(evolve, after);
    for (const event of decision.events) events.push(event);
  }
  if (refusals.length === 0) return { ok: true, events };
  const message = {
    en: `The file has ${refusals.length} problems; nothing is taken over.`,
    'zh-CN': `文件有 ${refusals.length} 处问题，未导入任何内容。`,
  };
  return refuse(unfit('content', message, { rows: refusals }));
}

function importRow(row: ImportedWorker, command: Facts, state: Roster): Decision<WorkerEvent> {
  if (row.change === 'CREATE') return registerWorker(row.worker, command, state, '');
  const revised = reviseWorker(row.worker, row.changes, command.effectiveFrom, state);
  if (!revised.ok || row.grids === undefined) return revised;
  const after = revised.events.reduce(evolve, state);
  const held = after.workers.get(row.worker)?.grids ?? [];
  const wanted = new Set(row.grids);
  const assigned = assignWorker(
    {
      worker: row.worker,
      add: row.grids,
      remove: held.filter((grid) => !wanted.has(grid)),
      grids: command.grids,
      effectiveFrom: command.effectiveFrom,
    },
    after,
  );
  return assigned.ok ? accept(...revised.events, ...assigned.events) : assigned;
}

export const gridWorkers: Decider<Roster, RosterCommand, WorkerEvent> = { initial, evolve, decide };
