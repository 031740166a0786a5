import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Envelope,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { broken, documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import { sameValue } from '../duty-list/item.ts';
import { asGiven, type MatterContent, type MatterFacts, type MatterGiven, matterContent } from './matter.ts';
import { absentMatter, existsAlready, retiredAlready } from './refusals.ts';
import { type Rival, rivalProblem } from './rivals.ts';

/**
 * The integrated matter (基层治理“一件事”, L-8): one department leads, others take part, with triggers, parallel steps and a
 * promised time. It is drafted, decided by the county, and published as a version with an effective day; until it is
 * retired it can be drafted anew. What a content must say is in matter.ts.
 */

export interface MatterHead {
  id: string;
  /** 12-digit code of the division that it is for. */
  division: string;
}

export interface CountyDecision {
  outcome: 'APPROVED' | 'RETURNED';
  /** Who decided: 区委编委, 区政府常务会议 … */
  body: string;
  documentNumber: string;
  opinion: string;
}

export type MatterEvent =
  | Fact<'IntegratedMatterDrafted', MatterHead & { content: MatterContent }>
  | Fact<'IntegratedMatterRevised', { content: MatterContent }>
  | Fact<'IntegratedMatterDecided', CountyDecision>
  | Fact<
      'IntegratedMatterPublished',
      MatterHead & { version: number; effectiveFrom: string; documentNumber: string; content: MatterContent }
    >
  | Fact<
      'IntegratedMatterRetired',
      MatterHead & { version: number; effectiveFrom: string; documentNumber: string; name: string }
    >;

interface Drafted {
  head: MatterHead;
  /** Null right after a publication. */
  draft: MatterContent | null;
  /** Changes of the draft so far, over all versions. */
  draftNumber: number;
  /** Who changed the draft last: what a second editor is told. */
  touched: { by: string; at: string; reason: string };
  decision: CountyDecision | null;
  versions: { version: number; effectiveFrom: string; name: string }[];
}

export type IntegratedMatter =
  | { status: 'absent' }
  | ({ status: 'open' } & Drafted)
  | ({ status: 'retired'; retiredFrom: string } & Drafted);

type OpenMatter = Extract<IntegratedMatter, { status: 'open' }>;

function evolve(state: IntegratedMatter, event: MatterEvent, envelope: Envelope): IntegratedMatter {
  if (event.type === 'IntegratedMatterDrafted') {
    const { content, ...head } = event.data;
    return {
      status: 'open',
      head,
      draft: content,
      draftNumber: 1,
      touched: touchOf(envelope),
      decision: null,
      versions: [],
    };
  }
  if (state.status === 'absent') throw new Error(`${event.type} before IntegratedMatterDrafted`);
  switch (event.type) {
    case 'IntegratedMatterRevised':
      return {
        ...state,
        draft: event.data.content,
        draftNumber: state.draftNumber + 1,
        touched: touchOf(envelope),
        decision: null,
      };
    case 'IntegratedMatterDecided':
      return { ...state, decision: event.data };
    case 'IntegratedMatterPublished': {
      const { version, effectiveFrom, content } = event.data;
      return {
        ...state,
        draft: null,
        decision: null,
        versions: [...state.versions, { version, effectiveFrom, name: content.name }],
      };
    }
    case 'IntegratedMatterRetired':
      return {
        ...state,
        status: 'retired',
        retiredFrom: event.data.effectiveFrom,
        draft: null,
        decision: null,
      };
    default:
      return assertNever(event);
  }
}

const touchOf = ({ actor, recordedAt, reason }: Envelope) => ({ by: actor.name, at: recordedAt, reason });

export type MatterCommand =
  | { type: 'DraftMatter'; head: MatterHead; given: MatterGiven; facts: MatterFacts }
  | { type: 'ReviseMatter'; given: MatterGiven; basedOn: number; facts: MatterFacts }
  | { type: 'DecideMatter'; decision: CountyDecision; draftNumber: number }
  | {
      type: 'PublishMatter';
      draftNumber: number;
      /** Day from which the version is in force; `facts` hold on it. */
      effectiveFrom: string;
      documentNumber: string;
      facts: MatterFacts;
      /** What else is, or will be, in force in the division from that day on. */
      rivals: Rival[];
    }
  | { type: 'RetireMatter'; effectiveFrom: string; documentNumber: string };

function decide(command: MatterCommand, state: IntegratedMatter): Decision<MatterEvent> {
  if (command.type === 'DraftMatter') {
    if (state.status !== 'absent') return refuse(existsAlready(command.head.id));
    const content = matterContent(command.given, command.facts);
    if ('code' in content) return refuse(content);
    return accept<MatterEvent>({ type: 'IntegratedMatterDrafted', data: { ...command.head, content } });
  }
  if (state.status === 'absent') return refuse(absentMatter);
  if (state.status === 'retired') return refuse(retiredAlready(state.retiredFrom));
  switch (command.type) {
    case 'ReviseMatter':
      return revise(command, state);
    case 'DecideMatter': {
      const problem = draftProblem(command.draftNumber, state) ?? decisionProblem(command.decision);
      return problem
        ? refuse(problem)
        : accept<MatterEvent>({ type: 'IntegratedMatterDecided', data: command.decision });
    }
    case 'PublishMatter':
      return publish(command, state);
    case 'RetireMatter':
      return retire(command, state);
    default:
      return assertNever(command);
  }
}

function revise(
  { given, basedOn, facts }: Extract<MatterCommand, { type: 'ReviseMatter' }>,
  state: OpenMatter,
): Decision<MatterEvent> {
  if (basedOn !== state.draftNumber) return refuse(moved('basedOn', basedOn, state));
  const content = matterContent(given, facts);
  if ('code' in content) return refuse(content);
  if (sameValue(content, state.draft)) return accept();
  return accept<MatterEvent>({ type: 'IntegratedMatterRevised', data: { content } });
}

function publish(
  command: Extract<MatterCommand, { type: 'PublishMatter' }>,
  state: OpenMatter,
): Decision<MatterEvent> {
  const { draftNumber, effectiveFrom, documentNumber, facts, rivals } = command;
  const problem =
    draftProblem(draftNumber, state) ??
    undecided(state) ??
    documentMissing('L-8', documentNumber) ??
    tooEarly(effectiveFrom, state);
  if (problem) return refuse(problem);
  const content = matterContent(asGiven(state.draft as MatterContent), facts);
  if ('code' in content) return refuse(content);
  const rival = rivalProblem(content.caseClasses, effectiveFrom, rivals);
  if (rival) return refuse(rival);
  const data = { ...state.head, version: state.versions.length + 1, effectiveFrom, documentNumber, content };
  return accept<MatterEvent>({ type: 'IntegratedMatterPublished', data, effectiveAt: effectiveFrom });
}

function retire(
  { effectiveFrom, documentNumber }: Extract<MatterCommand, { type: 'RetireMatter' }>,
  state: OpenMatter,
): Decision<MatterEvent> {
  const last = state.versions.at(-1);
  if (!last) {
    return refuse(
      broken('L-8', 'matter', {
        en: 'The matter was never published; there is nothing to retire.',
        'zh-CN': '该“一件事”从未公布，无需废止。',
      }),
    );
  }
  const problem =
    documentMissing('L-8', documentNumber) ?? retiredTooEarly(effectiveFrom, last.effectiveFrom);
  if (problem) return refuse(problem);
  const { version, name } = last;
  const data = { ...state.head, version, effectiveFrom, documentNumber, name };
  return accept<MatterEvent>({ type: 'IntegratedMatterRetired', data, effectiveAt: effectiveFrom });
}

/** A step speaks of the draft as it stands; who looked at an earlier one is told what happened since. */
function draftProblem(draftNumber: number, state: OpenMatter): Refusal | undefined {
  if (draftNumber !== state.draftNumber) return moved('draftNumber', draftNumber, state);
  if (state.draft) return undefined;
  return broken('L-8', 'matter', {
    en: 'There is no draft: the newest version is published. Revise it first.',
    'zh-CN': '没有草案：最新版本已公布，请先修订。',
  });
}

const moved = (field: string, given: number, { draftNumber, touched }: OpenMatter): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-8',
  field,
  message: {
    en: `The draft stands at number ${draftNumber}, not ${given}: ${touched.by} changed it at ${touched.at} (${touched.reason}).`,
    'zh-CN': `草案当前序号为 ${draftNumber}，不是 ${given}：${touched.by} 已于 ${touched.at} 修改（${touched.reason}）。`,
  },
  details: { draftNumber, touched },
});

const decisionProblem = ({ body, documentNumber, opinion }: CountyDecision): Refusal | undefined =>
  unfit('L-8', 'body', body, MAX.name, { en: 'Who decided', 'zh-CN': '决定机关' }) ??
  documentMissing('L-8', documentNumber) ??
  unfit('L-8', 'opinion', opinion, MAX.text, { en: 'The opinion', 'zh-CN': '意见' });

function undecided({ decision }: OpenMatter): Refusal | undefined {
  if (decision?.outcome === 'APPROVED') return undefined;
  return broken('L-8', 'matter', {
    en: decision
      ? `${decision.body} returned the draft: ${decision.opinion}`
      : 'The draft, as it stands, has not been approved by the county.',
    'zh-CN': decision ? `${decision.body}已退回草案：${decision.opinion}` : '现草案尚未经县级批准。',
  });
}

function tooEarly(effectiveFrom: string, { versions }: OpenMatter): Refusal | undefined {
  const last = versions.at(-1);
  if (!last || effectiveFrom >= last.effectiveFrom) return undefined;
  return broken(
    'L-8',
    'effectiveFrom',
    {
      en: `Version ${last.version} is in force from ${last.effectiveFrom}; the next cannot be in force before it.`,
      'zh-CN': `第 ${last.version} 版自 ${last.effectiveFrom} 起施行，后一版不能早于该日。`,
    },
    { ...last },
  );
}

function retiredTooEarly(effectiveFrom: string, since: string): Refusal | undefined {
  if (effectiveFrom > since) return undefined;
  return broken('L-8', 'effectiveFrom', {
    en: `The newest version is in force from ${since}; it can be retired from the day after on.`,
    'zh-CN': `最新版本自 ${since} 起施行，废止日期应晚于该日。`,
  });
}

export const integratedMatter: Decider<IntegratedMatter, MatterCommand, MatterEvent> = {
  initial: { status: 'absent' },
  evolve,
  decide,
};

const PREFIX = 'lists.integratedMatter-';

export const matterStream = (id: string): string => `${PREFIX}${id.slice('matter:'.length)}`;

export const matterIdOf = (stream: string): string => `matter:${stream.slice(PREFIX.length)}`;
