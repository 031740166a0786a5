/** Mutations that the simulation sends, with the types of their inputs. */
export const INPUTS = {
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
export type CaseOperation = keyof typeof INPUTS;

export const CALL_INPUTS = {
  issueCall: 'IssueCall',
  acceptCall: 'AnswerCall',
  arriveOnCall: 'AnswerCall',
  finishCall: 'ReportOnCall',
  rateCall: 'RateCall',
} as const;
export type CallOperation = keyof typeof CALL_INPUTS;
