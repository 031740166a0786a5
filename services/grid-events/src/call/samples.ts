import type { CallCommand } from './call.ts';
import type { CallContent, CallEvent, Called } from './state.ts';
import { DEFAULT_LIMITS, DEFAULT_OVERDUE, DEFAULT_SCALE, type Terms } from './terms.ts';

/** For tests: a town of Qujiang calls for illegal sand mining. */

export const town = { organ: 'organ:330803-0020', organName: '高家镇人民政府' };
export const water: Called = { organ: 'organ:330803-0001', organName: '衢江区水利局', role: 'LEAD' };
export const police: Called = { organ: 'organ:330803-0002', organName: '衢江区公安分局', role: 'COOPERATE' };
export const forestry: Called = { organ: 'organ:330803-0003', organName: '衢江区林业局', role: 'COOPERATE' };

/** Thursday, 10 o'clock in China. */
export const START = '2026-03-05T02:00:00.000Z';

export const terms: Terms = {
  limits: DEFAULT_LIMITS.EMERGENCY,
  overdue: DEFAULT_OVERDUE,
  scale: DEFAULT_SCALE,
};

export const content: CallContent = {
  id: 'call:330803-1',
  division: '330803114000',
  county: '330803000000',
  town,
  kind: 'EMERGENCY',
  title: '河道非法采砂',
  asked: '到场制止并查处',
  place: { address: '衢江高家段', point: { lon: 118.97, lat: 28.98 } },
  appointedAt: null,
  case: null,
  follows: null,
};

/** Minutes after START, as an instant. */
export const after = (minutes: number): string =>
  new Date(Date.parse(START) + minutes * 60_000).toISOString();

export const issueCommand = (more: Partial<CallContent> = {}, organs: Called[] = [water]): CallCommand => ({
  type: 'IssueCall',
  call: { ...content, ...more },
  organs,
  terms,
  now: START,
});

export const issued = (
  organs: Called[] = [water],
  more: Partial<Extract<CallEvent, { type: 'CallIssued' }>['data']> = {},
): CallEvent => ({
  type: 'CallIssued',
  data: { ...content, at: START, organs, due: after(10), terms, ...more },
});
