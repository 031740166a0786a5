import { createHash } from 'node:crypto';
import { chinaDate, isoText } from '@dutyledger/reference-data/china-time';
import { type Api, BASIS, counted, type Refusals } from './api.ts';
import { later, TICK_MS } from './arrivals.ts';
import { callSteps } from './calls.ts';
import { mayHaveChanged } from './case-view.ts';
import { type Cast, manager } from './cast.ts';
import type { County } from './county.ts';
import { settleDispute } from './disputes.ts';
import type { Node } from './node.ts';
import { OwnCount } from './own-count.ts';
import { nextAt } from './pace.ts';
import type { Plan } from './plan.ts';
import { type Entry, Queue } from './queue.ts';
import { randomOf } from './random.ts';
import type { Case, Scene, Step } from './scene.ts';
import { next, report } from './steps.ts';

/** Lives through the days: at each step of the clock everything that is due then, many cases at a time, each in its order. */

export interface Driven {
  seed: string;
  county: County;
  cast: Cast;
  plans: readonly Plan[];
  /** Nothing is done from this instant on, in milliseconds since 1970. */
  end: number;
  /** Requests at a time. */
  concurrency: number;
  /** When aborted, it ends after the step of the clock that is under way. */
  signal: AbortSignal;
  progress(told: Progress): void;
}

export interface Progress {
  at: number;
  reported: number;
  sent: number;
}

export interface Outcome {
  reported: number;
  commands: number;
  calls: number;
  disputes: number;
  /** Reports that were sent twice and were one case. */
  retried: number;
  unexpected: Refusals;
  provoked: Refusals;
  own: OwnCount;
  /** Of everything that was sent, case by case. */
  digest: string;
  interrupted: boolean;
}

/** What falls due of a case: its next step, or something beside it. */
interface Due extends Entry {
  /** Done after everything else, one by one: it looks at other cases. */
  alone: boolean;
  act(ms: number): Promise<void>;
}

/** What a case has to do at the same time: its own next step, then that of its call, then its dispute. */
const RANK = { case: 0, call: 1, dispute: 2 };

const LONGEST_STEP_MS = 3_600_000;

export function drive(api: Api, node: Node, driven: Driven): Promise<Outcome> {
  return new Drive(api, node, driven).run();
}

class Drive {
  readonly #api: Api;
  readonly #node: Node;
  readonly #driven: Driven;
  readonly #queue = new Queue<Due>();
  readonly #cases = new Map<number, Case>();
  /** By case, and by call for a case: both go their own way. */
  readonly #digests = new Map<string, string>();
  readonly #steps = new Map<number, number>();
  readonly #outcome = {
    ...{ reported: 0, commands: 0, calls: 0, disputes: 0, retried: 0 },
    ...{ unexpected: {} as Refusals, provoked: {} as Refusals, own: new OwnCount() },
  };

  constructor(api: Api, node: Node, driven: Driven) {
    this.#api = api;
    this.#node = node;
    this.#driven = driven;
  }

  async run(): Promise<Outcome> {
    const { plans, end, signal } = this.#driven;
    for (const plan of plans) {
      this.#queue.push({
        at: plan.at,
        number: plan.number,
        rank: RANK.case,
        alone: false,
        act: (ms) => this.#report(plan, ms),
      });
    }
    let ms = plans[0]?.at ?? end;
    for (let top = this.#queue.first; top && top.at < end && !signal.aborted; top = this.#queue.first) {
      // What time does on its own is done at least once an hour.
      ms = Math.min(Math.max(top.at, ms), ms + LONGEST_STEP_MS);
      await this.#node.reach(ms);
      await this.#doAll(this.#queue.until(ms), ms);
      this.#driven.progress({ at: ms, reported: this.#outcome.reported, sent: this.#api.sent });
      ms += top.at > ms ? 0 : TICK_MS;
    }
    if (!signal.aborted) await this.#reachEnd(ms);
    return {
      ...this.#outcome,
      digest: this.#digest(),
      interrupted: signal.aborted,
    };
  }

  async #reachEnd(from: number): Promise<void> {
    const { end } = this.#driven;
    for (let ms = from + LONGEST_STEP_MS; ms < end; ms += LONGEST_STEP_MS) await this.#node.reach(ms);
    await this.#node.reach(end);
  }

  async #doAll(due: readonly Due[], ms: number): Promise<void> {
    const together = due.filter(({ alone }) => !alone).values();
    const work = async (): Promise<void> => {
      for (const { act } of together) await act(ms);
    };
    await Promise.all(Array.from({ length: this.#driven.concurrency }, work));
    for (const { alone, act } of due) if (alone) await act(ms);
  }

  #scene(): Scene {
    const { county, cast } = this.#driven;
    const now = isoText(this.#node.now());
    return { county, cast, now, today: chinaDate(now), other: (number) => this.#cases.get(number)?.view };
  }

  /** The key makes the ids of what it leads to the same whenever the seed is. */
  #change(number: number): object {
    const step = (this.#steps.get(number) ?? 0) + 1;
    this.#steps.set(number, step);
    const idempotencyKey = `${this.#driven.seed} ${number}-${step}`;
    return { reason: '网格事件办理（模拟）', basis: BASIS, idempotencyKey };
  }

  #note(of: string, ms: number, what: object): void {
    const step = JSON.stringify([this.#digests.get(of), ms, what]);
    this.#digests.set(of, createHash('sha256').update(step).digest('base64'));
  }

  #digest(): string {
    const all = createHash('sha256');
    for (const [of, digest] of [...this.#digests].sort(([a], [b]) => (a < b ? -1 : 1)))
      all.update(of).update(digest);
    return all.digest('hex');
  }

  async #report(plan: Plan, ms: number): Promise<void> {
    const step = report({ plan }, this.#scene());
    const input = { ...step.input, change: this.#change(plan.number) };
    const answer = await this.#send(plan, step, input, ms);
    if (!answer) return;
    const one: Case = {
      plan,
      course: plan.course,
      wishes: new Set(plan.wishes),
      random: randomOf(this.#driven.seed, 'course', plan.number),
      view: answer.case,
    };
    this.#outcome.reported += 1;
    this.#cases.set(plan.number, one);
    this.#outcome.own.took(plan, step.operation, step.input, { before: null, after: one.view });
    if (one.wishes.delete('REPORT_AGAIN')) {
      const repeated = await this.#send(plan, step, input, ms);
      const same = repeated?.repeated === true && repeated.case.id === one.view.id;
      this.#outcome.retried += same ? 1 : 0;
      if (!same) this.#unexpected('reportCase', new Error('a retried report was not recognised'));
    }
    this.#schedule(one, ms);
  }

  #unexpected(operation: string, { message }: Error): void {
    const known = this.#outcome.unexpected[operation] ?? { count: 0, first: message };
    this.#outcome.unexpected[operation] = { ...known, count: known.count + 1 };
  }

  async #send(plan: Plan, { operation, by, provoked = false }: Step, input: object, ms: number) {
    this.#note(`case ${plan.number}`, ms, { operation, by: by.subject, input });
    this.#outcome.commands += 1;
    try {
      const answer = await this.#api.step(operation, by, input);
      if (provoked) this.#unexpected(operation, new Error('what had to be refused was carried out'));
      return answer;
    } catch (error) {
      counted(provoked ? this.#outcome.provoked : this.#outcome.unexpected, operation, error);
      return undefined;
    }
  }

  /** Whatever concerns a second case is done alone. */
  #schedule(one: Case, ms: number): void {
    const { status } = one.view;
    if (status === 'VOIDED') return;
    const alone = one.wishes.has('MERGE') || one.wishes.has('LINK') || status === 'MERGED';
    const at = nextAt(one, ms);
    this.#push(one, at, { alone, rank: RANK.case, act: (now) => this.#go(one, now) });
  }

  #push({ plan: { number } }: Case, at: number, due: Pick<Due, 'alone' | 'rank' | 'act'>): void {
    this.#queue.push({ at, number, ...due });
  }

  async #go(one: Case, ms: number): Promise<void> {
    const scene = this.#scene();
    await this.#look(one, scene);
    const step = next(one, scene);
    if (!step) {
      if (one.view.status === 'SUSPENDED' || one.view.status === 'HANDLING') this.#schedule(one, ms);
      return;
    }
    const before = one.view;
    const answer = await this.#send(one.plan, step, this.#inputOf(one, step), ms);
    if (answer) {
      one.view = answer.case;
      this.#outcome.own.took(one.plan, step.operation, step.input, { before, after: one.view });
      await this.#aside(one, step, ms);
    } else if (!step.provoked) return;
    this.#schedule(one, ms);
  }

  #inputOf({ plan, view }: Case, { input }: Step): object {
    return { id: view.id, ...input, change: this.#change(plan.number) };
  }

  async #look(one: Case, { now, county }: Scene): Promise<void> {
    if (mayHaveChanged(one.view, now)) one.view = await this.#api.case(manager(county), one.view.id);
  }

  /** What a step leads to beside the case's own way. */
  async #aside(one: Case, { operation }: Step, ms: number): Promise<void> {
    if (operation === 'denyCaseDuty') {
      const at = later(ms, one.random.around(900, 0.5), true, one.random);
      this.#push(one, at, { alone: true, rank: RANK.dispute, act: (now) => this.#dispute(one, now) });
    }
    if (operation === 'mergeCase') {
      // What others were merged into goes on: it closes for them all.
      const into = this.#cases.get(one.plan.duplicateOf ?? -1);
      for (const end of ['VOID', 'REFUSE'] as const) into?.wishes.delete(end);
    }
    if (operation === 'dispatchCase' && one.wishes.delete('CALL')) await this.#call(one, ms);
  }

  async #dispute(one: Case, ms: number): Promise<void> {
    const { random, view, plan } = one;
    this.#note(`case ${plan.number}`, ms, { dispute: view.id });
    this.#outcome.disputes += 1;
    await settleDispute(this.#api, this.#scene(), { case: view.id, moves: random.chance(0.5) });
    one.view = await this.#api.case(manager(this.#driven.county), view.id);
  }

  /** A town calls the departments that have tasks; they come, one after another, and are rated. */
  async #call(one: Case, ms: number): Promise<void> {
    const { plan } = one;
    // Apart from the case, whose steps go on meanwhile.
    const random = randomOf(this.#driven.seed, 'call', plan.number);
    const steps = callSteps(one, this.#scene(), random);
    let id: string | null = null;
    const go = async (now: number): Promise<void> => {
      const step = steps.shift();
      if (!step) return;
      const { operation, by, input } = step;
      const full = {
        ...(id !== null && { id }),
        ...input,
        change: this.#callChange(plan.number, steps.length),
      };
      this.#note(`call ${plan.number}`, now, { operation, by: by.subject, input });
      this.#outcome.commands += 1;
      try {
        id = await this.#api.call(operation, by, full);
      } catch (error) {
        counted(this.#outcome.unexpected, operation, error);
        return;
      }
      if (operation === 'issueCall') this.#outcome.calls += 1;
      const at = later(now, random.around(step.minutes, 0.6), true, random);
      this.#push(one, at, { alone: false, rank: RANK.call, act: go });
    };
    await go(ms);
  }

  #callChange(number: number, left: number): object {
    const idempotencyKey = `${this.#driven.seed} ${number}-call-${left}`;
    return { reason: '乡呼县应（模拟）', basis: BASIS, idempotencyKey };
  }
}
