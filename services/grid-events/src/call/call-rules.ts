import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import type { CallContent, Called, DutyCitation, Rating } from './state.ts';
import type { Scale } from './terms.ts';

/** What a call, a citation and a rating must say (G-9). */

/** As given by the town: points where the scale has points, a grade where it has grades. */
export interface GivenRating {
  points: number | null;
  grade: Grade | null;
}

/** 满意、基本满意、不满意. */
export type Grade = 'SATISFIED' | 'BASICALLY_SATISFIED' | 'NOT_SATISFIED';

/** What the grades count as among five points, so that ratings of both scales have one mean. */
const POINTS_OF: Readonly<Record<Grade, number>> = { SATISFIED: 5, BASICALLY_SATISFIED: 3, NOT_SATISFIED: 1 };
const MOST_POINTS = 5;
const MOST_ORGANS = 20;
const MOST_DAYS_AHEAD = 365;

export const needed = (field: string, text: string, what: Text): Refusal | undefined =>
  unfit('G-9', field, text, MAX.text, what);

export function issueProblem(call: CallContent, organs: readonly Called[], now: string): Refusal | undefined {
  const { title, asked, place, kind } = call;
  return (
    unfit('G-9', 'title', title, MAX.title, { en: 'The title of the call', 'zh-CN': '呼叫标题' }) ??
    needed('asked', asked, { en: 'What is asked', 'zh-CN': '请求事项' }) ??
    unfit('G-9', 'place.address', place.address, MAX.name, { en: 'The address', 'zh-CN': '地点' }) ??
    pointProblem(place.point) ??
    appointmentProblem(call, now) ??
    (kind === 'CASE' && call.case === null ? caseless : undefined) ??
    organsProblem(call, organs)
  );
}

function pointProblem(point: CallContent['place']['point']): Refusal | undefined {
  if (point === null || (Math.abs(point.lon) <= 180 && Math.abs(point.lat) <= 90)) return undefined;
  return broken('G-9', 'place.point', {
    en: `There is no point ${point.lon}, ${point.lat}: longitude goes to 180 degrees, latitude to 90.`,
    'zh-CN': `坐标 ${point.lon}, ${point.lat} 不存在：经度不超过 180 度，纬度不超过 90 度。`,
  });
}

function appointmentProblem({ appointedAt }: CallContent, now: string): Refusal | undefined {
  if (appointedAt === null) return undefined;
  const ahead = Date.parse(appointedAt) - Date.parse(now);
  if (ahead > 0 && ahead <= MOST_DAYS_AHEAD * 24 * 3_600_000) return undefined;
  return broken('G-9', 'appointedAt', {
    en: `An appointment lies ahead, by at most ${MOST_DAYS_AHEAD} days; leave it out when the organs are wanted at once.`,
    'zh-CN': `约定时间应在当前时间之后、${MOST_DAYS_AHEAD} 天以内；需立即到场的不必填写。`,
  });
}

const caseless = broken('G-9', 'case', {
  en: 'A call of the kind CASE names the case that it is for.',
  'zh-CN': '案件类呼叫应写明所涉案件。',
});

function organsProblem({ town }: CallContent, organs: readonly Called[]): Refusal | undefined {
  if (organs.length === 0 || organs.length > MOST_ORGANS) {
    return broken('G-9', 'organs', {
      en: `A call goes to 1 to ${MOST_ORGANS} organs, not to ${organs.length}.`,
      'zh-CN': `每次呼叫的部门应为 1 至 ${MOST_ORGANS} 个，不能为 ${organs.length} 个。`,
    });
  }
  for (const [i, { organ, organName }] of organs.entries()) {
    if (organ === town.organ || organs.findIndex((other) => other.organ === organ) < i) {
      return broken('G-9', `organs[${i}]`, {
        en: `${organName} is the town that calls, or is named twice.`,
        'zh-CN': `“${organName}”为呼叫单位本身，或重复填写。`,
      });
    }
  }
  if (organs.filter(({ role }) => role === 'LEAD').length <= 1) return undefined;
  return broken('G-9', 'organs', {
    en: 'One of the called organs leads at most; the others cooperate.',
    'zh-CN': '被呼叫部门中至多一个牵头，其余为配合。',
  });
}

/** A citation names the item in its edition, or the article. */
export function citationProblem(citation: DutyCitation): Refusal | undefined {
  const texts =
    citation.kind === 'ITEM'
      ? [citation.list, citation.code, ...(citation.edition >= 1 ? [] : [''])]
      : [citation.title, citation.article];
  if (texts.every((text) => text.trim() !== '' && text.length <= MAX.title)) return undefined;
  return broken('G-9', 'citation', {
    en: 'The citation names the list, its edition and the item, or the law or document and its article.',
    'zh-CN': '依据应写明清单、版次和事项编码，或者法规文件名称和条款。',
  });
}

/** Whether the rating is one of the scale; what is less than the best says why. */
export function ratingProblem(given: GivenRating, scale: Scale, text: string | null): Refusal | undefined {
  const { points, grade } = given;
  if (scale === 'FIVE_POINTS') {
    if (
      grade !== null ||
      points === null ||
      !Number.isInteger(points) ||
      points < 1 ||
      points > MOST_POINTS
    ) {
      return broken('G-9', 'points', {
        en: `This call is rated with 1 to ${MOST_POINTS} points.`,
        'zh-CN': `本次呼叫按 1 至 ${MOST_POINTS} 分评价。`,
      });
    }
  } else if (grade === null || points !== null) {
    return broken('G-9', 'grade', {
      en: 'This call is rated as satisfied, basically satisfied or not satisfied.',
      'zh-CN': '本次呼叫按满意、基本满意、不满意评价。',
    });
  }
  const best = ratingOf(given, scale, text).points === MOST_POINTS;
  if (best && text === null) return undefined;
  return needed('text', text ?? '', { en: 'Why it is rated so', 'zh-CN': '评价理由' });
}

export const ratingOf = ({ points, grade }: GivenRating, scale: Scale, text: string | null): Rating => ({
  points: grade === null ? (points ?? 1) : POINTS_OF[grade],
  scale,
  text,
});
