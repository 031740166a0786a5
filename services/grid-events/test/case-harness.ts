import { outgoing } from '@dutyledger/contracts/event-contract';
import { IntegratedMatterPublished } from '@dutyledger/contracts/lists-matters';
import {
  COUNTY,
  change,
  type Data,
  type GridHarness,
  ORGANS,
  OTHER_TOWN,
  recordOf,
  say,
  TOWN,
} from './harness.ts';

/** Cases through GraphQL: who takes part, the steps, and the integrated matter that routes sand mining. */

const { water, police, forestry, planning } = ORGANS;
export const town = { roles: ['TOWN_OPERATOR'] as const, organ: ORGANS.town.id, division: TOWN };
export const otherTown = {
  roles: ['TOWN_OPERATOR'] as const,
  organ: ORGANS.otherTown.id,
  division: OTHER_TOWN,
};
export const worker = { roles: ['GRID_WORKER'] as const, organ: null, division: TOWN };
export const of = (organ: { id: string }) => ({
  roles: ['DEPARTMENT_OFFICER'] as const,
  organ: organ.id,
  division: COUNTY,
});
export const auditor = { roles: ['AUDITOR'] as const, organ: null, division: COUNTY };

export const CASE = `id status level class className gridId onTime closeBy closedAt overdue problemOrder reworks transfers
  reportedBy { role } acceptedBy { name } route { kind name version lead { name } } limits { handle { amount unit } }
  tasks { id name organ { id } organName role status after disputed result { text } clock { due overdue } }
  clocks { task phase due amberAt amber overdue paused } denial { by { name } proposed { name } ground }
  supervisions { cause organs { name } } suspension { cause until } suspensionAsked { until } extensionAsked { amount }
  meeting { documentNumber } feedback evaluations { by satisfied } mergedInto { id } links { caseId note to { id } }
  place { lon lat } attachments { sha256 } urgency description subclass`;

const STEPS = {
  reportCase: 'ReportCase',
  acceptCase: 'AcceptCase',
  refuseCase: 'RefuseCase',
  fileCase: 'OnCase',
  settleCase: 'SettleCase',
  escalateCase: 'EscalateCase',
  sendBackCase: 'SendBackCase',
  holdJointMeeting: 'HoldJointMeeting',
  dispatchCase: 'DispatchCase',
  acceptCaseTask: 'OnCaseTask',
  finishCaseTask: 'FinishCaseTask',
  returnCaseTask: 'ReturnCaseTask',
  denyCaseDuty: 'DenyCaseDuty',
  transferCaseTask: 'TransferCaseTask',
  giveCaseFeedback: 'GiveCaseFeedback',
  verifyCase: 'VerifyCase',
  reworkCase: 'ReworkCase',
  closeCase: 'OnCase',
  evaluateCase: 'EvaluateCase',
  requestCaseSuspension: 'RequestCaseSuspension',
  decideCaseSuspension: 'DecideOnCase',
  resumeCase: 'OnCase',
  requestCaseExtension: 'RequestCaseExtension',
  decideCaseExtension: 'DecideOnCase',
  superviseCase: 'SuperviseCase',
  voidCase: 'ReasonOnCase',
  reopenCase: 'ReopenCase',
  mergeCase: 'MergeCase',
  unmergeCase: 'ReasonOnCase',
  linkCase: 'LinkCase',
} as const;
export type StepName = keyof typeof STEPS;

export const mutationOf = (step: StepName): string =>
  `mutation ($input: ${STEPS[step]}Input!) { ${step}(input: $input) { case { ${CASE} } repeated pending } }`;

const explanation = '情况需要';

/** What most steps are sent with; a step takes what it knows. */
const NEEDS: Partial<Record<StepName, object>> = {
  refuseCase: { explanation },
  escalateCase: { explanation },
  sendBackCase: { explanation },
  returnCaseTask: { explanation },
  transferCaseTask: { explanation },
  reworkCase: { explanation },
  requestCaseSuspension: { explanation },
  decideCaseSuspension: { explanation },
  requestCaseExtension: { explanation },
  decideCaseExtension: { explanation },
  voidCase: { explanation },
  reopenCase: { explanation },
  mergeCase: { explanation },
  unmergeCase: { explanation },
};

export const inputOf = (step: StepName, id: string | null, more: object = {}) => ({
  ...(id === null ? {} : { id }),
  ...NEEDS[step],
  change,
  ...more,
});

/** Takes one step and answers the case after it. */
export const steps =
  (h: GridHarness) =>
  async (step: StepName, id: string | null, as: object | undefined, more: object = {}): Promise<Data> => {
    const answer = await h.ask(mutationOf(step), { input: inputOf(step, id, more) }, as);
    return answer[step].case;
  };

export const sandMining = (more: object = {}) => ({
  division: TOWN,
  source: 'CITIZEN',
  class: 'SL.采砂',
  description: '衢江高家段夜间采砂',
  ...more,
});
export const result = { text: '已制止并查处' };

const limit = (amount: number, unit: 'WORKING_DAYS' | 'HOURS') => ({ amount, unit });
const named = ({ id, name }: { id: string; name: string }) => ({ organ: id, name });

/** Lists publishes the integrated matter: the water bureau leads, police and planning beside it, forestry as well. */
export const publishSandMining = (h: GridHarness): Promise<void> =>
  say(h, 'lists', [
    outgoing(IntegratedMatterPublished, {
      stored: recordOf('MatterPublished', 'lists.integratedMatter-330803-1'),
      data: {
        matterId: 'matter:330803-1',
        division: COUNTY,
        name: '非法采砂“一件事”',
        version: 1,
        effectiveFrom: '2024-01-01',
        documentNumber: '衢江政发〔2024〕8号',
        lead: { ...named(water), duty: '牵头查处' },
        participants: [
          { ...named(police), duty: '现场秩序' },
          { ...named(planning), duty: '价值鉴定' },
          { ...named(forestry), duty: '林地核查' },
        ],
        caseClasses: ['SL.采砂'],
        keywords: [],
        items: [],
        steps: [
          {
            id: '1',
            name: '现场查处',
            organ: water.id,
            organName: water.name,
            limit: limit(1, 'WORKING_DAYS'),
            after: [],
          },
          {
            id: '2',
            name: '现场秩序',
            organ: police.id,
            organName: police.name,
            limit: limit(4, 'HOURS'),
            after: [],
          },
          {
            id: '3',
            name: '价值鉴定',
            organ: planning.id,
            organName: planning.name,
            limit: limit(3, 'WORKING_DAYS'),
            after: ['1', '2'],
          },
        ],
        criticalPath: ['1', '3'],
        promised: limit(5, 'WORKING_DAYS'),
      },
    }),
  ]);
