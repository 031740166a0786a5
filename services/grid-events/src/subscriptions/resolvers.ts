import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { RequestContext } from '@dutyledger/subgraph-kit/request-context';

/**
 * Who may subscribe to what. The messages come from the gateway (packages/contracts, grid-events-subscriptions.ts), which
 * asks for the case or call of each in the subscriber's name: who may not see it does not get the message.
 */

const ADMITTED = {};

const nothingNamed = refusalError({
  code: 'INVALID_INPUT',
  field: 'division',
  message: { 'zh-CN': '请给出 division 或 case。', en: 'Give division or case.' },
});

const otherOrgan = refusalError({
  code: 'NOT_PERMITTED',
  field: 'organ',
  message: { 'zh-CN': '只能订阅本单位的呼叫。', en: 'Only calls to your own organ can be subscribed to.' },
});

interface CasesOf {
  division?: string | null;
  case?: string | null;
}

export const Subscription = {
  caseEvents(_: never, { division, case: id }: CasesOf, context: RequestContext) {
    if (division) requireDivision(context, division, 'division');
    else if (!id) throw nothingNamed;
    return ADMITTED;
  },

  overdue(_: never, { division }: { division: string }, context: RequestContext) {
    requireDivision(context, division, 'division');
    return ADMITTED;
  },

  callsFor(_: never, { organ }: { organ: string }, { caller }: RequestContext) {
    if (caller.roles.every((role) => role === 'DEPARTMENT_OFFICER') && caller.organ !== organ)
      throw otherOrgan;
    return ADMITTED;
  },
};
