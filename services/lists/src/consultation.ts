import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';

/**
 * Asking the affected organs for their opinion (征求意见; L-3, L-4): each is asked with a deadline, agrees or objects in
 * words, or lets the deadline pass. Silence is consent only where the request said so (逾期未反馈视为无意见).
 */

export interface OrganName {
  organ: string;
  organName: string;
}

export interface Opinion extends OrganName {
  position: 'AGREE' | 'OBJECT';
  text: string;
  /** Of the paper that the opinion came on, when somebody else recorded it. */
  documentNumber?: string;
}

export interface OpinionRequest {
  organs: OrganName[];
  /** Last day for an opinion. */
  due: string;
  silenceIsConsent: boolean;
}

export interface AskedOrgan extends OrganName {
  due: string;
  silenceIsConsent: boolean;
  /** The deadline passed without an opinion, and that is on record. */
  lapsed: boolean;
}

/** Plain values, so that a row of a read model can hold it as it is. */
export interface Consultation {
  asked: AskedOrgan[];
  /** One per organ, the last one it gave. */
  given: Opinion[];
}

export const nobodyAsked: Consultation = { asked: [], given: [] };

/** An organ that is asked again gets the new deadline. */
export const ask = ({ asked, given }: Consultation, request: OpinionRequest): Consultation => {
  const { due, silenceIsConsent } = request;
  const again = new Set(request.organs.map(({ organ }) => organ));
  const fresh = request.organs.map((organ) => ({ ...organ, due, silenceIsConsent, lapsed: false }));
  return { asked: [...asked.filter(({ organ }) => !again.has(organ)), ...fresh], given };
};

/** An opinion after the deadline counts as long as nothing was decided. */
export const hear = ({ asked, given }: Consultation, opinion: Opinion): Consultation => ({
  asked,
  given: [...given.filter(({ organ }) => organ !== opinion.organ), opinion],
});

export const lapse = ({ asked, given }: Consultation, organs: readonly OrganName[]): Consultation => {
  const silent = new Set(organs.map(({ organ }) => organ));
  return {
    asked: asked.map((entry) => (silent.has(entry.organ) ? { ...entry, lapsed: true } : entry)),
    given,
  };
};

const unheard = ({ asked, given }: Consultation): AskedOrgan[] =>
  asked.filter(({ organ }) => !given.some((opinion) => opinion.organ === organ));

/** Who was asked and is still to answer. */
export const outstanding = (consultation: Consultation): AskedOrgan[] =>
  unheard(consultation).filter(({ lapsed }) => !lapsed);

/** Whose deadline has passed by the day, and it is not on record yet. */
export const lapsedBy = (consultation: Consultation, today: string): AskedOrgan[] =>
  outstanding(consultation).filter(({ due }) => due < today);

/** Last day of the opinions that are still to come; null when none is. */
export const dueOf = (consultation: Consultation): string | null =>
  outstanding(consultation)
    .map(({ due }) => due)
    .sort()
    .at(-1) ?? null;

export const objections = ({ given }: Consultation): Opinion[] =>
  given.filter(({ position }) => position === 'OBJECT');

/** Who let the deadline pass. */
export const silent = (consultation: Consultation): AskedOrgan[] =>
  unheard(consultation).filter(({ lapsed }) => lapsed);

/** Only who was asked is heard: others are asked first. */
export function notAsked(
  rule: string,
  consultation: Consultation,
  { organ, organName }: OrganName,
): Refusal | undefined {
  if (consultation.asked.some((entry) => entry.organ === organ)) return undefined;
  const names = consultation.asked.map((entry) => entry.organName);
  return broken(
    rule,
    'organ',
    {
      en: `${organName} was not asked for its opinion; request it first (requestOpinions). Asked: ${names.join(', ') || 'nobody'}.`,
      'zh-CN': `未向“${organName}”征求意见，请先补充征求意见（requestOpinions）。已征求：${names.join('、') || '无'}。`,
    },
    { asked: consultation.asked },
  );
}

/**
 * What the approval has to answer in words (`overruling`): objections, and organs that said nothing where silence was
 * not announced as consent.
 */
export function unanswered(
  rule: string,
  consultation: Consultation,
  overruling: string | null,
): Refusal | undefined {
  if (overruling) return undefined;
  const objected = objections(consultation);
  const unheardOf = silent(consultation).filter(({ silenceIsConsent }) => !silenceIsConsent);
  const [objection] = objected;
  if (objection) {
    return broken(
      rule,
      'overruling',
      {
        en: `${objection.organName} objects (“${objection.text}”) and the approval does not say why it goes on in spite of that (overruling).`,
        'zh-CN': `“${objection.organName}”有异议（“${objection.text}”），批准意见未说明不予采纳的理由（overruling）。`,
      },
      { objections: objected, silent: unheardOf },
    );
  }
  const [one] = unheardOf;
  if (!one) return undefined;
  return broken(
    rule,
    'overruling',
    {
      en: `${one.organName} gave no opinion by ${one.due}, and silence was not announced as consent; the approval says why it goes on without it (overruling).`,
      'zh-CN': `“${one.organName}”至 ${one.due} 未反馈意见，且征求意见时未声明逾期视为同意，批准意见须说明继续办理的理由（overruling）。`,
    },
    { objections: objected, silent: unheardOf },
  );
}

/** Opinions are out and their deadline has not passed. */
export const stillWaiting = (rule: string, field: string, waiting: readonly AskedOrgan[]): Refusal =>
  broken(
    rule,
    field,
    {
      en: `Opinions are still to come, until ${waiting[0]?.due}: ${waiting.map(({ organName }) => organName).join(', ')}.`,
      'zh-CN': `仍有单位在期限内（至 ${waiting[0]?.due}）未反馈意见：${waiting.map(({ organName }) => organName).join('、')}。`,
    },
    { outstanding: waiting },
  );
