import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { unfit } from '@dutyledger/event-store/rule-texts';
import { division, isWithin } from '@dutyledger/reference-data/divisions';
import type { Phase } from '../class-policy/policy.ts';
import type { Route } from '../routing/route.ts';
import { deadlineFrom, phaseClock, type Timing } from './clocks.ts';
import type { Of } from './commands.ts';
import { closing } from './ending.ts';
import { type CaseEvent, type CaseFacts, type Clock, LEVELS, type Level, WHOLE_CASE } from './events.ts';
import { inOwnGrid } from './guards.ts';
import { goesOnFor, levelName, notTheirs, wrong, wrongLevel } from './refusals.ts';
import { isRunning, type KnownCase } from './state.ts';
import { BOUNDS, reasonProblem, resultProblem } from './texts.ts';

/** How a case arrives and climbs the four levels (G-4, G-5). */

type Outcome = Decision<CaseEvent>;

const REPORTERS = ['GRID_WORKER', 'TOWN_OPERATOR', 'COUNTY_OPERATOR', 'DEPARTMENT_OFFICER', 'INTEGRATOR'];

/** Where a case begins, by its source; one that no list carries goes to the town's triage (G-7). */
function firstLevel({ source }: CaseFacts, { target }: Route): Level {
  if (source === 'GRID_PATROL') return 'WORKER';
  const fromAbove = source === 'DEPARTMENT' || source === 'COMMAND';
  return fromAbove && target.kind !== 'NONE' ? 'COUNTY' : 'TOWN';
}

export function report(command: Of<'ReportCase'>): Outcome {
  const { facts, route, policy, settled, by, timing } = command;
  const usual = firstLevel(facts, route);
  const level = command.level ?? usual;
  const problem =
    (by.roles.some((role) => REPORTERS.includes(role)) && isWithin(facts.division, by.division)
      ? undefined
      : notTheirs({ en: 'an office of the place', 'zh-CN': '当地单位' }, REPORTERS)) ??
    factsProblem(facts) ??
    (level === usual ? undefined : skipProblem(facts, usual, level)) ??
    (settled ? settledProblem(level, command) : undefined);
  if (problem) return refuse(problem);
  const clocks = settled ? {} : { clocks: { set: [phaseClock(policy, 'accept', timing)] } };
  const reported: CaseEvent = {
    type: 'CaseReported',
    data: { ...facts, level, route, policy, reportedAt: timing.now, ...clocks },
  };
  return accept<CaseEvent>(
    reported,
    ...(route.target.kind === 'NONE' ? [unlisted(command)] : []),
    ...(settled
      ? [
          { type: 'CaseSettled' as const, data: { level, result: settled } },
          closing({ level, closeBy: null }, timing),
        ]
      : []),
  );
}

const unlisted = ({ facts, policy }: Of<'ReportCase'>): CaseEvent => {
  const { id, county, division: place, class: of } = facts;
  return {
    type: 'CaseClassUnlisted',
    data: { id, county, division: place, class: of, className: policy.name },
  };
};

function settledProblem(level: Level, { settled, by, facts }: Of<'ReportCase'>): Refusal | undefined {
  if (level !== 'WORKER') {
    return wrongLevel('settled', {
      en: 'Only what a grid worker reports can be settled in the same breath.',
      'zh-CN': '只有网格员上报的案件可以即报即结。',
    });
  }
  if (!inOwnGrid(by, facts)) {
    return notTheirs({ en: 'the worker of the grid', 'zh-CN': '本网格的网格员' }, ['GRID_WORKER']);
  }
  return settled ? resultProblem('settled', settled) : undefined;
}

function skipProblem({ urgency }: CaseFacts, usual: Level, asked: Level): Refusal | undefined {
  if (urgency === 'EMERGENCY' && rank(asked) > rank(usual) && asked !== 'JOINT') return undefined;
  return wrongLevel('level', {
    en: `This case begins at ${levelName(usual).en}; only an emergency begins at a higher level, and no case at a joint meeting.`,
    'zh-CN': `该案件应从${levelName(usual)['zh-CN']}开始；只有紧急案件可以越级，且不能直接进入联席会议。`,
  });
}

const rank = (level: Level): number => LEVELS.indexOf(level);

function factsProblem(facts: CaseFacts): Refusal | undefined {
  const { county, grid, class: of, subclass, description, place, address, attachments } = facts;
  const level = division(facts.division)?.level;
  if (!isWithin(facts.division, county) || (level !== 'town' && level !== 'village')) {
    return wrong('division', {
      en: 'A case lies in a town or village of its county.',
      'zh-CN': '案件地点应为本区县的镇街或村社。',
    });
  }
  if (place && !(Math.abs(place.lon) <= 180 && Math.abs(place.lat) <= 90)) {
    return wrong('place', {
      en: 'A place is a longitude from -180 to 180 and a latitude from -90 to 90.',
      'zh-CN': '坐标应为经度 -180 至 180、纬度 -90 至 90。',
    });
  }
  if (attachments.length > BOUNDS.attachments) return tooManyAttachments;
  const optional = (field: string, text: string | null) =>
    text === null ? undefined : unfit('G-4', field, text, BOUNDS.name, { en: field, 'zh-CN': field });
  return (
    unfit('G-4', 'class', of, BOUNDS.code, { en: 'The class', 'zh-CN': '案件类别' }) ??
    unfit('G-4', 'description', description, BOUNDS.text, { en: 'What happened', 'zh-CN': '情况描述' }) ??
    optional('subclass', subclass) ??
    optional('address', address) ??
    optional('grid', grid)
  );
}

const tooManyAttachments = wrong('attachments', {
  en: `A case has at most ${BOUNDS.attachments} attachments.`,
  'zh-CN': `案件附件最多 ${BOUNDS.attachments} 件。`,
});

const whole = { stop: [WHOLE_CASE] };

function acceptCase({ by, file: alsoFile, timing }: Of<'AcceptCase'>, state: KnownCase): Outcome {
  const { level, policy } = state;
  const { organ, organName } = by;
  const who = organ !== null && organName !== null ? { organ, organName } : null;
  if (alsoFile && level === 'WORKER') return refuse(notFiledHere);
  // A grid worker settles what they accept: it is not filed.
  const next: Phase = level === 'WORKER' ? 'handle' : 'file';
  const clocks = alsoFile ? {} : { clocks: { set: [phaseClock(policy, next, timing)] } };
  const accepted: CaseEvent = { type: 'CaseAccepted', data: { level, by: who, ...clocks } };
  return accept<CaseEvent>(accepted, ...(alsoFile ? [filed(state, timing)] : []));
}

const notFiledHere = wrongLevel('id', {
  en: 'A grid worker settles a case or escalates it; it is filed from the town centre up.',
  'zh-CN': '网格员应自行处置或上报；立案由镇街网格中心及以上办理。',
});

const filed = ({ level, policy }: KnownCase, timing: Timing): CaseEvent => ({
  type: 'CaseFiled',
  data: {
    level,
    closeBy: deadlineFrom(policy, timing),
    clocks: { set: [phaseClock(policy, 'dispatch', timing)] },
  },
});

function fileCase({ timing }: Of<'FileCase'>, state: KnownCase): Outcome {
  return state.level === 'WORKER' ? refuse(notFiledHere) : accept<CaseEvent>(filed(state, timing));
}

function refuseCase({ reason }: Of<'RefuseCase'>, { absorbed }: KnownCase): Outcome {
  const problem = goesOnFor(absorbed) ?? reasonProblem(reason);
  if (problem) return refuse(problem);
  return accept<CaseEvent>({ type: 'CaseRefused', data: { reason, clocks: whole } });
}

/** At once by the grid worker, which closes it; by the others once it is filed, to be verified. */
function settleCase({ result, timing }: Of<'SettleCase'>, state: KnownCase): Outcome {
  const { level, status, policy } = state;
  const worker = level === 'WORKER';
  if (!worker && status !== 'FILED') {
    return refuse(
      wrong('id', { en: 'It is to be accepted and filed first.', 'zh-CN': '应先受理、立案，再自行处置。' }),
    );
  }
  const problem = resultProblem('result', result);
  if (problem) return refuse(problem);
  const clocks = worker ? whole : { set: [phaseClock(policy, 'verify', timing)] };
  const settled: CaseEvent = { type: 'CaseSettled', data: { level, result, clocks } };
  return accept<CaseEvent>(settled, ...(worker ? [closing(state, timing)] : []));
}

/** What begins when a case lies on the desk of another level: acceptance, or dispatch of what was filed. */
function deskClocks({ closeBy, policy, tasks }: KnownCase, timing: Timing) {
  const set: Clock[] = [phaseClock(policy, closeBy === null ? 'accept' : 'dispatch', timing)];
  const stop = tasks.filter(isRunning).map(({ id }) => id);
  return { clocks: { set, ...(stop.length > 0 && { stop }) } };
}

function escalateCase({ to: asked, reason, timing }: Of<'EscalateCase'>, state: KnownCase): Outcome {
  const { level: from, facts } = state;
  const next = LEVELS[rank(from) + 1];
  const to = asked ?? next;
  if (!to || rank(to) <= rank(from)) {
    return refuse(wrongLevel('to', { en: 'There is no such level above.', 'zh-CN': '没有更高的处置层级。' }));
  }
  const skips = to !== next;
  if (skips && (facts.urgency !== 'EMERGENCY' || to === 'JOINT')) {
    return refuse(
      wrongLevel('to', {
        en: 'Only an emergency skips a level, and a joint meeting is called by the county platform.',
        'zh-CN': '只有紧急案件可以越级；联席会议由区县指挥平台召集。',
      }),
    );
  }
  const problem = reasonProblem(reason);
  if (problem) return refuse(problem);
  const cause = skips ? 'EMERGENCY' : 'REASON';
  return accept<CaseEvent>({
    type: 'CaseEscalated',
    data: { from, to, cause, reason, ...deskClocks(state, timing) },
  });
}

function sendBackCase({ reason, timing }: Of<'SendBackCase'>, state: KnownCase): Outcome {
  const { level: from, facts } = state;
  const to = LEVELS[rank(from) - 1];
  if (!to || (to === 'WORKER' && facts.grid === null)) {
    return refuse(
      wrongLevel('id', {
        en: 'There is no level below to return it to: a case without a grid has no grid worker.',
        'zh-CN': '没有可退回的下级：未定位到网格的案件没有网格员。',
      }),
    );
  }
  const problem = reasonProblem(reason);
  if (problem) return refuse(problem);
  return accept<CaseEvent>({
    type: 'CaseSentBack',
    data: { from, to, reason, ...deskClocks(state, timing) },
  });
}

function holdJointMeeting(command: Of<'HoldJointMeeting'>, { level }: KnownCase): Outcome {
  const { participants, decision, documentNumber } = command;
  const several = new Set(participants.map(({ organ }) => organ)).size;
  const problem =
    (level === 'JOINT'
      ? undefined
      : wrongLevel('id', {
          en: 'A joint meeting is held on a case that was escalated to it.',
          'zh-CN': '联席会议只审议已提级到联席会议的案件。',
        })) ??
    (several >= 2 && several === participants.length && several <= BOUNDS.organs
      ? undefined
      : wrongLevel('participants', {
          en: `A joint meeting has 2 to ${BOUNDS.organs} organs, each named once.`,
          'zh-CN': `联席会议应有 2 至 ${BOUNDS.organs} 个单位参加，且不得重复。`,
        })) ??
    unfit('G-5', 'decision', decision, BOUNDS.text, { en: 'What was decided', 'zh-CN': '议定事项' }) ??
    unfit('G-5', 'documentNumber', documentNumber, BOUNDS.code, {
      en: 'The number of the minutes',
      'zh-CN': '会议纪要文号',
    });
  if (problem) return refuse(problem);
  return accept<CaseEvent>({
    type: 'CaseJointMeetingHeld',
    data: { participants, decision, documentNumber },
  });
}

export const steps = {
  AcceptCase: acceptCase,
  RefuseCase: refuseCase,
  FileCase: fileCase,
  SettleCase: settleCase,
  EscalateCase: escalateCase,
  SendBackCase: sendBackCase,
  HoldJointMeeting: holdJointMeeting,
};
