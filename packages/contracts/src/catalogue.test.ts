import type { StoredEvent } from '@dutyledger/event-store/event-store';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contracts, type IntegrationEvent, validate } from './catalogue.ts';
import { cloudEvent, parseCloudEvent } from './envelope.ts';
import { outgoing } from './event-contract.ts';
import {
  CaseClosed,
  CaseDispatched,
  CaseEscalated,
  CaseFiled,
  CaseOverdue,
  CaseRated,
  CaseReported,
  CaseReturned,
  ClassWithoutItem,
} from './grid-events.ts';
import { CallAnswered, CallIssued, CallOverdue, CallRated } from './grid-events-calls.ts';
import { UnadmittedGridTaskRecorded } from './grid-events-tasks.ts';
import { EditionCorrected, EditionPublished } from './lists.ts';
import { AdjustmentApplied, AdjustmentDecided } from './lists-adjustments.ts';
import { DelegationEvaluationOverdue, PowersDelegated, PowersRecalled } from './lists-delegations.ts';
import { DisputeSettled } from './lists-disputes.ts';
import { EditionItemPublished } from './lists-items.ts';
import { IntegratedMatterPublished, IntegratedMatterRetired } from './lists-matters.ts';
import { TaskAdmitted, TaskEnded, UnlistedTaskRecorded } from './lists-tasks.ts';
import { OrganChanged, type OrganFacts, OrganRegistered, OrganSplit, OrgansMerged } from './staffing.ts';

const stored: StoredEvent = {
  id: '0b9f3d0e-7f3c-5c55-9d3b-0a4a2f6f7a10',
  type: 'OrganRegistered',
  version: 1,
  data: {},
  metadata: {
    actor: { subject: 'u-1', name: '张三', organ: 'organ:370114-0001', role: 'ORGAN_REGISTRAR' },
    reason: '机构改革',
    basis: [{ title: '机构改革方案', documentNumber: '章编〔2026〕3号' }],
    commandId: 'c-1',
    commandDigest: 'd',
    correlationId: 'work-1',
    causationId: 'c-1',
    division: '370114000000',
    effectiveAt: '2026-03-01',
  },
  stream: 'staffing.organRegister-370114',
  revision: 4,
  position: 42,
  recordedAt: '2026-03-05T01:02:03.004Z',
};

const organ: OrganFacts = {
  id: 'organ:370114-0001',
  name: '济南市章丘区应急管理局',
  shortName: '区应急局',
  aliases: ['章丘区应急管理局'],
  kind: 'DEPARTMENT',
  level: 'county',
  division: '370114000000',
  superior: null,
  creditCode: '11370181MB2855833K',
  status: 'active',
  effectiveFrom: '2026-03-01',
  successors: [],
};

const list = { listId: 'lists.dutyList-1', edition: 2, effectiveFrom: '2026-03-01', documentNumber: null };
const published = {
  ...list,
  kind: 'TERRITORIAL_DUTY',
  division: '370114000000',
  title: '属地管理事项责任清单',
  itemCount: 81,
  added: 81,
  revised: 0,
  retired: 0,
  digest: 'a'.repeat(64),
};

const delegated = {
  delegation: 'delegation:370114-1',
  county: '370114000000',
  from: '2026-03-01',
  documentNumber: '章政发〔2026〕1号',
};

const task = { admission: 'admission:370114-1', towns: [{ organ: organ.id, division: '370114101000' }] };
const admittedTask = { title: '松材线虫病秋季普查', grid: false, division: '370114000000' };

const matter = {
  matterId: 'matter:370114-1',
  division: '370114000000',
  name: '非法采砂“一件事”',
  version: 1,
  effectiveFrom: '2026-03-01',
  documentNumber: '章政发〔2026〕2号',
};

const classed = {
  case: 'case:370114-1',
  county: '370114000000',
  class: '非法采砂',
  className: '非法采砂',
};
const handler = { organ: organ.id, organName: organ.name };
const atCounty = { case: classed.case, level: 'COUNTY' } as const;
const due = '2026-03-09T10:00:00.000Z';

const called = { call: 'call:370114-1' };

const messages = [
  outgoing(OrganRegistered, { stored, data: { organ } }),
  outgoing(OrganChanged, { stored, data: { organ, change: 'renamed' } }),
  outgoing(OrgansMerged, { stored, data: { sources: ['organ:370114-0002'], into: organ } }),
  outgoing(OrganSplit, { stored, data: { source: organ.id, into: [organ], sourceContinues: true } }),
  outgoing(EditionPublished, { stored, subject: list.listId, data: published }),
  outgoing(EditionCorrected, {
    stored,
    subject: list.listId,
    data: { ...list, correction: 1, codes: ['1-1'] },
  }),
  outgoing(EditionItemPublished, {
    stored,
    id: '3f2f0cf4-5d0e-5a3b-8f55-0d2f5b6a7c11',
    subject: `${list.listId}/1-1`,
    data: {
      listId: list.listId,
      kind: 'TERRITORIAL_DUTY',
      division: '370114000000',
      edition: 2,
      effectiveFrom: '2026-03-01',
      code: '1-1',
      item: {
        name: '河道采砂管理',
        caseClasses: ['SL.*'],
        jointlyLed: false,
        leads: [{ organ: organ.id, name: organ.name, duty: '' }],
        cooperators: [{ organ: 'organ:370114-0003', name: '各镇街', duty: '巡查上报' }],
        steps: [{ id: '1', name: '查处', organ: null, organName: null, limit: null, after: [] }],
        basis: [{ title: '中华人民共和国水法', article: '第三十九条' }],
      },
    },
  }),
  outgoing(IntegratedMatterPublished, {
    stored,
    data: {
      ...matter,
      lead: { organ: organ.id, name: organ.name, duty: '牵头' },
      participants: [],
      caseClasses: ['SL.*'],
      keywords: ['采砂'],
      items: [{ listId: list.listId, code: '1', name: '河道采砂管理' }],
      steps: [
        {
          id: '1',
          name: '查处',
          organ: organ.id,
          organName: organ.name,
          limit: { amount: 5, unit: 'WORKING_DAYS' },
          after: [],
        },
      ],
      criticalPath: ['1'],
      promised: { amount: 5, unit: 'WORKING_DAYS' },
    },
  }),
  outgoing(IntegratedMatterRetired, { stored, data: matter }),
  outgoing(AdjustmentDecided, {
    stored,
    data: {
      adjustment: 'adjustment:370114-0123456789',
      division: '370114000000',
      title: '清单事项调整',
      applicant: organ.id,
      lists: ['list:370114-0123456789'],
      changes: 2,
      approved: true,
      effectiveFrom: null,
      documentNumber: '章编〔2026〕3号',
    },
  }),
  outgoing(AdjustmentApplied, {
    stored,
    data: {
      adjustment: 'adjustment:370114-0123456789',
      listId: 'list:370114-0123456789',
      edition: null,
      last: true,
    },
  }),
  outgoing(PowersDelegated, {
    stored,
    data: {
      ...delegated,
      title: '镇街赋权事项清单',
      powers: [{ code: '330217001000', name: '对随地吐痰的处罚', formerOrgan: organ.id }],
      towns: [{ division: '370114101000', organ: 'organ:370114-0008' }],
      trialUntil: '2026-09-01',
    },
  }),
  outgoing(DelegationEvaluationOverdue, {
    stored,
    data: {
      delegation: 'delegation:370114-0f6e1a2b3c',
      county: '370114000000',
      title: '经济发达镇赋权',
      town: { division: '370114101000', organ: 'organ:370114-0008' },
      due: '2026-09-01',
    },
  }),
  outgoing(PowersRecalled, {
    stored,
    data: { ...delegated, powers: ['330217001000'], towns: ['370114101000'] },
  }),
  outgoing(DisputeSettled, {
    stored,
    data: {
      dispute: 'dispute:370114-1',
      outcome: 'RULED',
      handler: organ.id,
      caseReference: 'case:370114-1',
      caseClass: null,
      item: { list: list.listId, code: '1-1' },
      documentNumber: '章政字〔2026〕20号',
    },
  }),
  outgoing(TaskAdmitted, {
    stored,
    data: {
      ...task,
      ...admittedTask,
      applicant: organ.id,
      from: '2026-03-16',
      to: '2026-04-15',
      documentNumber: '章政字〔2026〕12号',
    },
  }),
  outgoing(TaskEnded, { stored, data: { ...task, on: '2026-04-15', early: false } }),
  outgoing(UnlistedTaskRecorded, {
    stored,
    data: {
      ...admittedTask,
      task: 'task:370114-1',
      receiver: task.towns[0] as (typeof task.towns)[0],
      issuer: null,
      issuerName: '省某厅',
      day: '2026-03-05',
      arrival: 'REPORTED',
    },
  }),
  outgoing(CaseReported, {
    stored,
    data: {
      ...classed,
      division: '370114101000',
      grid: null,
      source: 'CITIZEN',
      urgency: 'ORDINARY',
      level: 'TOWN',
      item: { list: list.listId, edition: 2, code: '1-1', name: '河道采砂管理' },
      matter: null,
    },
  }),
  outgoing(ClassWithoutItem, { stored, data: { ...classed, division: '370114101000' } }),
  outgoing(CaseFiled, { stored, data: { ...atCounty, closeBy: due } }),
  outgoing(CaseDispatched, {
    stored,
    data: { ...atCounty, tasks: [{ task: '1', name: '查处', ...handler, role: 'LEAD' }] },
  }),
  outgoing(CaseReturned, {
    stored,
    data: {
      ...classed,
      task: '1',
      item: null,
      firstReceiver: handler,
      returnedBy: handler,
      proposed: { ...handler, organ: 'organ:370114-0002' },
      ground: '不属本单位职责',
    },
  }),
  outgoing(CaseEscalated, {
    stored,
    data: { case: classed.case, from: 'TOWN', to: 'COUNTY', cause: 'OVERDUE' },
  }),
  outgoing(CaseOverdue, {
    stored,
    data: { ...atCounty, phase: 'handle', task: '1', organ: organ.id, due },
  }),
  outgoing(CaseClosed, { stored, data: { ...atCounty, at: due, onTime: true, reworks: 0, transfers: 1 } }),
  outgoing(CaseRated, {
    stored,
    data: { case: classed.case, by: 'TOWN', responded: true, resolved: true, satisfied: false },
  }),
  outgoing(CallIssued, {
    stored,
    data: {
      ...called,
      county: '370114000000',
      division: '370114101000',
      town: 'organ:370114-0008',
      kind: 'EMERGENCY',
      case: null,
      organs: [{ ...handler, role: 'LEAD' }],
      at: due,
      appointedAt: null,
    },
  }),
  outgoing(CallAnswered, {
    stored,
    data: { ...called, organ: organ.id, answer: 'SUBSTITUTED', at: due, by: handler },
  }),
  outgoing(CallRated, {
    stored,
    data: { ...called, organ: organ.id, points: 5, scale: 'THREE_GRADES', at: due },
  }),
  outgoing(CallOverdue, { stored, data: { ...called, organ: organ.id, step: 'ON_SITE', due } }),
  outgoing(UnadmittedGridTaskRecorded, {
    stored,
    data: {
      task: 'handedTask:370114-1',
      county: '370114000000',
      division: '370114101000',
      grid: '370114101001',
      issuer: null,
      issuerName: '某市直部门',
      title: '水表抄录',
      day: '2026-03-05',
      arrival: 'REPORTED',
    },
  }),
];
const [registered] = messages as [(typeof messages)[0]];

const withData = (data: unknown) => ({ ...registered.event, data });

describe('integration events', () => {
  test('the envelope says what the stored event says, from midnight in China', () => {
    expect(registered).toEqual({
      topic: 'dutyledger.staffing.v1',
      key: 'staffing.organRegister-370114',
      event: {
        specversion: '1.0',
        id: stored.id,
        source: '/dutyledger/staffing',
        type: 'cn.dutyledger.staffing.OrganRegistered.v1',
        subject: 'staffing.organRegister-370114',
        time: '2026-03-01T00:00:00+08:00',
        datacontenttype: 'application/json',
        correlationid: 'work-1',
        causationid: 'c-1',
        sequence: '42',
        recordedtime: '2026-03-05T01:02:03.004Z',
        data: { organ },
      },
    });
  });

  test('every event of the catalogue is accepted as it is published, and after a trip through JSON', () => {
    expect(messages.map(({ event }) => event.type)).toEqual(contracts.map(({ type }) => type));
    for (const { event } of messages) {
      expect(validate(event)).toEqual({ ok: true, event });
      expect(validate(JSON.parse(JSON.stringify(event)))).toEqual({ ok: true, event });
    }
  });

  test('a validated event is told apart by its type', () => {
    const describeEvent = (event: IntegrationEvent) =>
      event.type === 'cn.dutyledger.staffing.OrganRegistered.v1' ? event.data.organ.name : event.type;
    const checked = validate(registered.event);
    expect(checked.ok && describeEvent(checked.event)).toBe(organ.name);
  });

  test('optional fields that a newer publisher added are accepted', () => {
    expect(
      validate({ ...withData({ organ: { ...organ, remark: 'new' }, note: 1 }), traceparent: '00' }).ok,
    ).toBe(true);
  });

  test.each([
    ['an organ id', { organ: { ...organ, id: '1' } }, '/data/organ/id'],
    ['a missing field', { organ: { ...organ, aliases: undefined } }, '/data/organ'],
    ['an unknown kind', { organ: { ...organ, kind: 'SHIP' } }, '/data/organ/kind'],
    ['a division of six digits', { organ: { ...organ, division: '370114' } }, '/data/organ/division'],
    [
      'a day that does not exist',
      { organ: { ...organ, effectiveFrom: '2026-02-30' } },
      '/data/organ/effectiveFrom',
    ],
    ['no data', null, '/data'],
  ])('%s in the data is refused with its place', (_, data, at) => {
    const checked = validate(withData(data === null ? null : JSON.parse(JSON.stringify(data))));
    expect(checked).toMatchObject({ ok: false, problem: { code: 'DATA_MISMATCH', at } });
    expect(!checked.ok && checked.problem.message).toContain(at);
  });

  test.each([
    [undefined, ''],
    ['text', ''],
    [[], ''],
    [{}, ''],
    [{ ...registered.event, specversion: '0.3' }, '/specversion'],
    [{ ...registered.event, id: '' }, '/id'],
    [{ ...registered.event, type: 'cn.dutyledger.staffing.OrganRegistered' }, '/type'],
    [{ ...registered.event, time: '2026-03-01' }, '/time'],
    [{ ...registered.event, time: '2026-02-30T00:00:00+08:00' }, '/time'],
    [{ ...registered.event, sequence: '-1' }, '/sequence'],
    [{ ...registered.event, source: '/dutyledger/lists' }, '/source'],
  ])('what is no integration event is refused: %j', (value, at) => {
    expect(validate(value)).toMatchObject({ ok: false, problem: { code: 'NOT_A_CLOUD_EVENT', at } });
  });

  test('an event or version without contract is told apart, so that a consumer can pass over it', () => {
    const newer = cloudEvent({ service: 'staffing', event: 'OrganRegistered', version: 2, stored, data: {} });
    expect(validate(newer)).toMatchObject({ ok: false, problem: { code: 'UNKNOWN_EVENT', at: '/type' } });
    expect(parseCloudEvent(newer)).toEqual({ ok: true, event: newer });
  });

  test('a publisher cannot build an event that breaks its contract', () => {
    const data = { organ: { ...organ, creditCode: 'O'.repeat(18) } };
    expect(() => outgoing(OrganRegistered, { stored, data })).toThrow(/OrganRegistered.v1 .*creditCode/);
  });

  test('no value makes validation throw', async () => {
    await fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, data) => {
        validate(value);
        expect(validate(withData({ organ: data })).ok).toBe(false);
      }),
    );
  });
});
