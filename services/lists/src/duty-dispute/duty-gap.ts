import {
  accept,
  type Decider,
  type Decision,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';

/**
 * A gap: a class of cases that no item of any list names (L-7, G-7). One per county and class, however often it is
 * reported; closed when an item carries it, open again when it is reported after that.
 */

export interface GapReport {
  division: string;
  /** Where it arose: a town or village. */
  place: string;
  caseClass: string;
  caseReference: string | null;
  description: string;
}

export type DutyGapEvent =
  | Fact<'GapReported', GapReport>
  | Fact<'GapClosed', { item: { list: string; code: string; name: string } }>;

export type DutyGapCommand =
  | { type: 'ReportGap'; report: GapReport }
  | { type: 'CloseGap'; item: { list: string; code: string; name: string; caseClasses: readonly string[] } };

export type DutyGap =
  | { status: 'ABSENT' }
  | { status: 'OPEN'; caseClass: string; reports: number }
  | { status: 'CLOSED'; caseClass: string; reports: number };

function evolve(state: DutyGap, event: DutyGapEvent): DutyGap {
  if (event.type === 'GapReported') {
    const reports = state.status === 'ABSENT' ? 0 : state.reports;
    return { status: 'OPEN', caseClass: event.data.caseClass, reports: reports + 1 };
  }
  if (state.status === 'ABSENT') throw new Error('GapClosed before GapReported');
  return { ...state, status: 'CLOSED' };
}

const MOST_CLASS = 100;

function decide(command: DutyGapCommand, state: DutyGap): Decision<DutyGapEvent> {
  if (command.type === 'ReportGap') {
    const { report } = command;
    const problem =
      unfit('L-7', 'caseClass', report.caseClass, MOST_CLASS, {
        en: 'The case class',
        'zh-CN': '案件类别',
      }) ??
      unfit('L-7', 'description', report.description, MAX.text, { en: 'What arose', 'zh-CN': '情况说明' });
    return problem ? refuse(problem) : accept<DutyGapEvent>({ type: 'GapReported', data: report });
  }
  if (state.status === 'ABSENT') return refuse(absentGap);
  if (state.status === 'CLOSED') return accept();
  const { caseClasses, ...item } = command.item;
  if (!caseClasses.includes(state.caseClass)) return refuse(notCarried(state.caseClass, item.name));
  return accept<DutyGapEvent>({ type: 'GapClosed', data: { item } });
}

export const absentGap: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-7',
  field: 'id',
  message: { en: 'There is no such gap.', 'zh-CN': '没有该职责空白记录。' },
};

const notCarried = (caseClass: string, name: string): Refusal =>
  broken(
    'L-7',
    'item',
    {
      en: `The item “${name}” does not name the case class ${caseClass}.`,
      'zh-CN': `事项“${name}”未列入案件类别 ${caseClass}。`,
    },
    { caseClass },
  );

export const dutyGap: Decider<DutyGap, DutyGapCommand, DutyGapEvent> = {
  initial: { status: 'ABSENT' },
  evolve,
  decide,
};

const PREFIX = 'lists.dutyGap-';
const ID = 'gap:';

/** The same county and class are the same gap. */
export const gapIdOf = (division: string, caseClass: string): string =>
  `${ID}${division.slice(0, 6)}-${uuidFrom('gap', division, caseClass).replaceAll('-', '').slice(0, 12)}`;
export const dutyGapStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const gapOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
