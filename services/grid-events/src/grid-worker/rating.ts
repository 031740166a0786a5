import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  refuse,
} from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { unfit, violation } from './refusals.ts';

/** What inspectors found of one grid worker (G-2; Lanshan): rated, and taken back where that was wrong. */

export interface Rating {
  /** Unique; made from the command. */
  id: string;
  worker: string;
  county: string;
  /** The day that is rated. */
  on: string;
  /** 0 to 100. */
  score: number;
  /** What was found; null without a remark. */
  remark: string | null;
  /** Subject of the inspector's token. */
  inspector: string;
}

/** A storage format. */
export type RatingEvent =
  | Fact<'WorkerRated', { rating: Rating }>
  | Fact<'WorkerRatingWithdrawn', { rating: Rating }>;

export const RATING_EVENTS: readonly RatingEvent['type'][] = ['WorkerRated', 'WorkerRatingWithdrawn'];

export interface Ratings {
  /** Those that count, by id. */
  counting: IMap<string, Rating>;
}

export const ratingStream = (worker: string): string =>
  `gridEvents.gridWorker-${worker.replace('worker:', '')}`;

/** Looked up before: the person as they were on the day. */
export interface RatedWorker {
  id: string;
  county: string;
  subject: string | null;
  /** Whether the person was on the roster on the day. */
  active: boolean;
}

export type RatingCommand =
  | {
      type: 'RateWorker';
      id: string;
      worker: RatedWorker;
      on: string;
      /** The day of the command. */
      today: string;
      score: number;
      remark: string | null;
      inspector: string;
    }
  | { type: 'WithdrawRating'; rating: string; inspector: string };

const MOST_REMARK = 1_000;

function decide(command: RatingCommand, state: Ratings): Decision<RatingEvent> {
  switch (command.type) {
    case 'RateWorker':
      return rateWorker(command, state);
    case 'WithdrawRating':
      return withdrawRating(command, state);
    default:
      return assertNever(command);
  }
}

function rateWorker(
  command: Extract<RatingCommand, { type: 'RateWorker' }>,
  state: Ratings,
): Decision<RatingEvent> {
  const { id, worker, on, today, score, remark, inspector } = command;
  if (!Number.isInteger(score) || score < 0 || score > 100) return refuse(unfit('score', texts.score));
  if (remark !== null && remark.length > MOST_REMARK) return refuse(unfit('remark', texts.remark));
  if (on > today) return refuse(violation('on', texts.ahead));
  if (!worker.active) return refuse(violation('on', texts.notThere(on)));
  if (worker.subject !== null && worker.subject === inspector)
    return refuse(violation('worker', texts.oneself));
  const before = state.counting.find((rating) => rating.on === on && rating.inspector === inspector);
  if (before) return refuse(violation('on', texts.twice(on), { rating: before.id }));
  const rating = { id, worker: worker.id, county: worker.county, on, score, remark, inspector };
  return accept<RatingEvent>({ type: 'WorkerRated', data: { rating }, effectiveAt: on });
}

function withdrawRating(
  { rating: id, inspector }: Extract<RatingCommand, { type: 'WithdrawRating' }>,
  state: Ratings,
): Decision<RatingEvent> {
  const rating = state.counting.get(id);
  if (!rating) {
    return refuse({ code: 'NOT_FOUND', rule: 'G-2', field: 'rating', message: texts.noRating });
  }
  if (rating.inspector !== inspector) return refuse(violation('rating', texts.notOwn));
  return accept<RatingEvent>({ type: 'WorkerRatingWithdrawn', data: { rating }, effectiveAt: rating.on });
}

const texts = {
  score: { en: 'A score is a whole number from 0 to 100.', 'zh-CN': '评分应为 0 至 100 的整数。' },
  remark: {
    en: `A remark has at most ${MOST_REMARK} characters.`,
    'zh-CN': `评语最多 ${MOST_REMARK} 字。`,
  },
  ahead: { en: 'A day to come cannot be rated.', 'zh-CN': '不能评价将来的日期。' },
  notThere: (on: string) => ({
    en: `The person was not on the roster on ${on}.`,
    'zh-CN': `该人员在 ${on} 不在岗。`,
  }),
  oneself: { en: 'Nobody rates themselves.', 'zh-CN': '不得评价本人。' },
  twice: (on: string) => ({
    en: `You have rated this person for ${on} already; withdraw that rating first.`,
    'zh-CN': `您已评价该人员 ${on} 的工作，如需更正请先撤回。`,
  }),
  noRating: { en: 'There is no such rating, or it was withdrawn.', 'zh-CN': '没有该评价，或已撤回。' },
  notOwn: {
    en: 'A rating is withdrawn by the inspector who gave it.',
    'zh-CN': '评价只能由作出评价的督查员撤回。',
  },
};

export const workerRatings: Decider<Ratings, RatingCommand, RatingEvent> = {
  initial: { counting: IMap() },
  evolve: ({ counting }, { type, data: { rating } }) => ({
    counting: type === 'WorkerRated' ? counting.set(rating.id, rating) : counting.delete(rating.id),
  }),
  decide,
};
