import { given } from '@dutyledger/event-store/given-when-then';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CallCommand, call, MAY } from './call.ts';
import type { GivenRating } from './call-rules.ts';
import {
  after,
  content,
  forestry,
  issueCommand,
  issued,
  police,
  START,
  terms,
  town,
  water,
} from './samples.ts';
import { type Call, type CallEvent, initial, isRunning, type Part } from './state.ts';

const name = ({ organ, organName }: { organ: string; organName: string }) => ({ organ, organName });
const rule = { code: 'RULE_VIOLATED', rule: 'G-9' } as const;

const accepted: CallEvent = {
  type: 'CallAccepted',
  data: { ...name(water), at: after(5), text: '马上到', due: after(35) },
};
const arrived: CallEvent = {
  type: 'CalledOrganArrived',
  data: { ...name(water), at: after(20), text: null, due: after(20 + 24 * 60) },
};
const done: CallEvent = {
  type: 'CalledOrganDone',
  data: { ...name(water), at: after(300), text: '已制止，查扣采砂船一艘' },
};
const refused: CallEvent = {
  type: 'CallRefused',
  data: {
    ...name(water),
    at: after(5),
    text: '该河段为航道',
    citation: { kind: 'ITEM', list: 'list:330803-a', edition: 2, code: '92' },
    due: after(35),
  },
};
const overdue = (step: 'ACCEPT' | 'ON_SITE' | 'DONE' | 'DECISION', due: string, of = water): CallEvent => ({
  type: 'CallOverdue',
  data: { ...name(of), step, due },
});
const raised = (cause: 'OVERDUE' | 'REWORKS' | 'TRANSFERS', from = 'TOWN', to = 'COUNTY', of = water) =>
  ({ type: 'CallRaised', data: { ...name(of), cause, from, to } }) as CallEvent;

const at = (minutes: number) => ({ now: after(minutes) });
const step = (type: 'AcceptCall' | 'ArriveOnCall', minutes: number, text: string | null = null) =>
  ({ type, organ: water.organ, text, ...at(minutes) }) as CallCommand;
const finish = (minutes: number, text = '已制止，查扣采砂船一艘'): CallCommand => ({
  type: 'FinishCall',
  organ: water.organ,
  text,
  ...at(minutes),
});
const points = (value: number): GivenRating => ({ points: value, grade: null });
const rate = (minutes: number, value: GivenRating, text: string | null = null): CallCommand => ({
  type: 'RateCall',
  organ: water.organ,
  given: value,
  text,
  ...at(minutes),
});

describe('from the call to the rating', () => {
  test('G-9 a town calls; the clock of the acceptance runs for each organ', () => {
    given(call)
      .when(issueCommand({}, [water, police]))
      .then(issued([water, police]));
  });

  test('G-9 accept, on site, done: each step has a clock of its own', () => {
    given(call, issued())
      .when(step('AcceptCall', 5, '马上到'))
      .then(accepted);
    given(call, issued(), accepted).when(step('ArriveOnCall', 20)).then(arrived);
    given(call, issued(), accepted, arrived).when(finish(300)).then(done);
  });

  test('G-9 who comes at once has accepted by coming', () => {
    given(call, issued())
      .when(step('ArriveOnCall', 20 - 12))
      .then(
        { type: 'CallAccepted', data: { ...name(water), at: after(8), text: null, due: after(38) } },
        {
          type: 'CalledOrganArrived',
          data: { ...name(water), at: after(8), text: null, due: after(8 + 24 * 60) },
        },
      );
  });

  test('G-9 who is wanted at an appointed time is due on site then', () => {
    given(call, issued([water], { appointedAt: after(600) }))
      .when(step('AcceptCall', 5))
      .then({ type: 'CallAccepted', data: { ...name(water), at: after(5), text: null, due: after(600) } });
  });

  test('G-9 the rating closes the call, and only the last one does', () => {
    const rating = { points: 5, scale: 'FIVE_POINTS' as const, text: null };
    const rated: CallEvent = { type: 'CallRated', data: { ...name(water), at: after(400), rating } };
    given(call, issued(), accepted, arrived, done)
      .when(rate(400, points(5)))
      .then(rated);
    given(call, issued(), accepted, arrived, done)
      .when(rate(400, points(5)))
      .thenState((state) => expect(state).toMatchObject({ status: 'CLOSED', closedAt: after(400) }));
    given(call, issued([water, police]), accepted, arrived, done)
      .when(rate(400, points(5)))
      .thenState((state) => expect(state.status).toBe('OPEN'));
  });

  test('G-9 one call, one rating: a second one is refused', () => {
    const rating = { points: 2, scale: 'FIVE_POINTS' as const, text: '来得太晚' };
    const rated: CallEvent = { type: 'CallRated', data: { ...name(water), at: after(400), rating } };
    for (const organs of [[water], [water, police]])
      given(call, issued(organs), accepted, arrived, done, rated)
        .when(rate(500, points(5)))
        .thenRefused({ ...rule, details: { status: 'RATED' } });
  });

  test('G-9 a rating is one of the call’s scale; less than the best says why', () => {
    const history = [issued(), accepted, arrived, done];
    for (const wrong of [
      points(0),
      points(6),
      points(2.5),
      { points: null, grade: null },
      { points: 5, grade: 'SATISFIED' as const },
    ])
      given(call, ...history)
        .when(rate(400, wrong, '理由'))
        .thenRefused({ ...rule, field: 'points' });
    given(call, ...history)
      .when(rate(400, points(4)))
      .thenRefused({ ...rule, field: 'text' });
    const grades = issued([water], { terms: { ...terms, scale: 'THREE_GRADES' } });
    given(call, grades, accepted, arrived, done)
      .when(rate(400, points(5)))
      .thenRefused({ ...rule, field: 'grade' });
    given(call, grades, accepted, arrived, done)
      .when(rate(400, { points: null, grade: 'BASICALLY_SATISFIED' }, '尚有残留'))
      .thenState((state) =>
        expect(state).toMatchObject({ parts: [{ rating: { points: 3, scale: 'THREE_GRADES' } }] }),
      );
  });

  test('G-9 feedback is kept, and moves nothing', () => {
    given(call, issued(), accepted, arrived)
      .when({ type: 'GiveCallFeedback', organ: water.organ, text: '正在取证', ...at(60) })
      .then({ type: 'CallFeedbackGiven', data: { ...name(water), at: after(60), text: '正在取证' } });
  });
});

describe('refusal and substitution', () => {
  const refusal = (more: object = {}): CallCommand => ({
    type: 'RefuseCall',
    organ: water.organ,
    text: '该河段为航道',
    citation: { kind: 'ITEM', list: 'list:330803-a', edition: 2, code: '92' },
    ...at(5),
    ...more,
  });
  const decision = (stands: boolean, more: object = {}): CallCommand => ({
    type: 'DecideCallRefusal',
    organ: water.organ,
    stands,
    reasons: '清单第 92 项载明由水利牵头',
    substitute: null,
    ...at(20),
    ...more,
  });

  test('G-9 a refusal cites a duty, or is refused', () => {
    given(call, issued()).when(refusal()).then(refused);
    given(call, issued())
      .when(refusal({ citation: null }))
      .thenRefused({ ...rule, field: 'citation' });
    for (const citation of [
      { kind: 'ITEM', list: 'list:330803-a', edition: 0, code: '92' },
      { kind: 'ITEM', list: ' ', edition: 1, code: '92' },
      { kind: 'ARTICLE', title: '中华人民共和国水法', article: '' },
    ])
      given(call, issued())
        .when(refusal({ citation }))
        .thenRefused({ ...rule, field: 'citation' });
    given(call, issued())
      .when(refusal({ text: ' ' }))
      .thenRefused({ ...rule, field: 'text' });
    given(call, issued(), accepted)
      .when(refusal())
      .thenRefused({ ...rule, details: { status: 'ACCEPTED' } });
  });

  const decided = (stands: boolean): CallEvent => ({
    type: 'CallRefusalDecided',
    data: {
      ...name(water),
      at: after(20),
      stands,
      reasons: '清单第 92 项载明由水利牵头',
      due: stands ? null : after(30),
    },
  });

  test('G-9 the county decides whether it stands: the organ is released, or owes its acceptance again', () => {
    given(call, issued(), refused).when(decision(true)).then(decided(true));
    given(call, issued(), refused)
      .when(decision(true))
      .thenState((state) => expect(state.status).toBe('CLOSED'));
    given(call, issued(), refused).when(decision(false)).then(decided(false));
    given(call, issued(), refused, decided(false))
      .when(refusal({ ...at(22) }))
      .thenRefused({ ...rule, field: 'id' });
    given(call, issued())
      .when(decision(true))
      .thenRefused({ details: { status: 'CALLED' } });
    given(call, issued(), refused)
      .when(decision(true, { reasons: '' }))
      .thenRefused({ ...rule, field: 'reasons' });
    given(call, issued(), refused)
      .when(decision(false, { substitute: name(police) }))
      .thenRefused({ ...rule, field: 'substitute' });
  });

  const reasons = '航道由交通部门管理';
  const substituted = (from: typeof water, by: typeof water): CallEvent => ({
    type: 'CalledOrganSubstituted',
    data: { ...name(from), at: after(20), by: name(by), reasons, due: after(30) },
  });

  test('G-9 with a refusal that stands the county may name another organ at once', () => {
    given(call, issued(), refused)
      .when(decision(true, { substitute: name(police), reasons }))
      .then(substituted(water, police));
    given(call, issued(), refused)
      .when(decision(true, { substitute: name(police), reasons }))
      .thenState((state) =>
        expect(state).toMatchObject({
          status: 'OPEN',
          parts: [
            { organ: water.organ, status: 'SUBSTITUTED', refusal: { stands: true, reasons } },
            { organ: police.organ, role: 'LEAD', status: 'CALLED', transfers: 1, due: after(30) },
          ],
        }),
      );
  });

  const substitute = (from: typeof water, by: typeof water, more: object = {}): CallCommand => ({
    type: 'SubstituteCalledOrgan',
    organ: from.organ,
    substitute: name(by),
    reasons,
    ...at(20),
    ...more,
  });

  test('G-9 the county substitutes; not by the town, not by who is in the call, not who is done', () => {
    given(call, issued(), accepted).when(substitute(water, police)).then(substituted(water, police));
    for (const by of [water, police, town as typeof water])
      given(call, issued([water, police]), accepted)
        .when(substitute(water, by))
        .thenRefused({ ...rule, field: 'substitute' });
    given(call, issued(), accepted, arrived, done)
      .when(substitute(water, police, at(301)))
      .thenRefused({ details: { status: 'DONE' } });
    given(call, issued())
      .when(substitute(police, forestry))
      .thenRefused({ ...rule, field: 'organ' });
  });

  test('G-9 three transfers make it a problem order that is raised a level, once', () => {
    const twice = [issued(), substituted(water, police), substituted(police, forestry)];
    const third = substitute(forestry, water);
    given(call, ...twice)
      .when(third)
      .then(substituted(forestry, water), raised('TRANSFERS', 'TOWN', 'COUNTY', forestry));
    given(call, ...twice, substituted(forestry, water), raised('TRANSFERS'))
      .when(substitute(water, police))
      .then(substituted(water, police));
  });
});

describe('rework', () => {
  const again = (minutes: number): CallCommand => ({
    type: 'AskCallRework',
    organ: water.organ,
    text: '仍有船只作业',
    ...at(minutes),
  });
  const asked = (minutes: number): CallEvent => ({
    type: 'CallReworkAsked',
    data: { ...name(water), at: after(minutes), text: '仍有船只作业', due: after(minutes + 24 * 60) },
  });

  test('G-9 what is not done is done again, under a new clock', () => {
    given(call, issued(), accepted, arrived, done).when(again(310)).then(asked(310));
    given(call, issued(), accepted, arrived)
      .when(again(310))
      .thenRefused({ details: { status: 'ON_SITE' } });
  });

  test('G-9 three reworks make it a problem order that is raised a level', () => {
    const twice = [issued(), accepted, arrived, done, asked(310), done, asked(320), done];
    given(call, ...twice)
      .when(again(330))
      .then(asked(330), raised('REWORKS'));
    given(call, ...twice, raised('OVERDUE'))
      .when(again(330))
      .then(asked(330), raised('REWORKS', 'COUNTY', 'CITY'));
    given(call, ...twice, asked(330), raised('REWORKS'), done)
      .when(again(340))
      .then(asked(340));
  });
});

describe('what time does', () => {
  const time = (minutes: number): CallCommand => ({ type: 'RecordTime', ...at(minutes) });

  test('G-9 an overdue step goes on record once and is raised to the county', () => {
    given(call, issued()).when(time(9)).thenNothing();
    given(call, issued())
      .when(time(10))
      .then(overdue('ACCEPT', after(10)), raised('OVERDUE'));
    given(call, issued(), overdue('ACCEPT', after(10)), raised('OVERDUE'))
      .when(time(5_000))
      .thenNothing();
    given(call).when(time(10)).thenNothing();
  });

  test('G-9 two organs that are late are two records and one raise', () => {
    given(call, issued([water, police]))
      .when(time(10))
      .then(overdue('ACCEPT', after(10)), overdue('ACCEPT', after(10), police), raised('OVERDUE'));
  });

  test('G-9 where the county does not supervise overdue steps they are recorded alone', () => {
    given(call, issued([water], { terms: { ...terms, overdue: 'NONE' } }))
      .when(time(10))
      .then(overdue('ACCEPT', after(10)));
  });

  test('G-9 who answers late is recorded as late before, also when no timer was in time', () => {
    given(call, issued())
      .when(step('AcceptCall', 12))
      .then(overdue('ACCEPT', after(10)), raised('OVERDUE'), {
        type: 'CallAccepted',
        data: { ...name(water), at: after(12), text: null, due: after(42) },
      });
  });

  test('G-9 who never came can be rated once the limit has passed, and not before', () => {
    given(call, issued(), accepted)
      .when(rate(34, points(1), '未到场'))
      .thenRefused({ ...rule, details: { status: 'ACCEPTED' } });
    given(call, issued(), accepted)
      .when(rate(35, points(1), '未到场'))
      .thenState((state) => expect(state).toMatchObject({ status: 'CLOSED', level: 'COUNTY' }));
    given(call, issued(), refused)
      .when(rate(35, points(1), '未到场'))
      .thenRefused({ details: { status: 'REFUSED' } });
  });

  test('G-9 working days of an ordinary call leave out the Spring Festival of 2026', () => {
    // Thu 12 Feb 2026, 10 o'clock: Fri 13 (1), Sat 14 is a make-up workday (2), 15 to 23 Feb are off, Tue 24 (3),
    // Wed 25 (4), Thu 26 (5): overdue from the midnight after it.
    const limits = { ...terms.limits, DONE: { amount: 5, unit: 'WORKING_DAYS' as const } };
    given(call, issued([water], { terms: { ...terms, limits } }), accepted)
      .when({ type: 'ArriveOnCall', organ: water.organ, text: null, now: '2026-02-12T02:00:00.000Z' })
      .thenState((state) =>
        expect(state).toMatchObject({ parts: [{ status: 'ON_SITE', due: '2026-02-26T16:00:00.000Z' }] }),
      );
  });
});

describe('withdrawal', () => {
  const withdraw = (organs: string[] | null, minutes = 6): CallCommand => ({
    type: 'WithdrawCall',
    organs,
    ...at(minutes),
  });
  const withdrawn = (...organs: (typeof water)[]): CallEvent => ({
    type: 'CallWithdrawn',
    data: { at: after(6), organs: organs.map(name) },
  });

  test('G-9 a town withdraws its call, or needs one organ no more', () => {
    given(call, issued([water, police]))
      .when(withdraw(null))
      .then(withdrawn(water, police));
    given(call, issued([water, police]))
      .when(withdraw([police.organ]))
      .then(withdrawn(police));
    given(call, issued([water, police]), withdrawn(police))
      .when(withdraw(null))
      .thenState((state) => expect(state.status).toBe('CLOSED'));
  });

  test('G-9 what is done is rated, not withdrawn', () => {
    given(call, issued(), accepted, arrived, done)
      .when(withdraw(null, 301))
      .thenRefused({ ...rule, field: 'organs' });
    given(call, issued())
      .when(withdraw([police.organ]))
      .thenRefused({ ...rule, field: 'organs' });
  });
});

describe('a call that cannot be issued', () => {
  test('G-9 without a title, what is asked, an address, or a point of the earth', () => {
    const place = content.place;
    for (const [more, field] of [
      [{ title: ' ' }, 'title'],
      [{ asked: '' }, 'asked'],
      [{ place: { ...place, address: '' } }, 'place.address'],
      [{ place: { ...place, point: { lon: 181, lat: 0 } } }, 'place.point'],
      [{ place: { ...place, point: { lon: 0, lat: Number.NaN } } }, 'place.point'],
      [{ appointedAt: START }, 'appointedAt'],
      [{ appointedAt: '2028-01-01T00:00:00.000Z' }, 'appointedAt'],
      [{ kind: 'CASE' as const }, 'case'],
    ] as const)
      given(call)
        .when(issueCommand(more))
        .thenRefused({ ...rule, field });
  });

  test('G-9 to nobody, to too many, to one twice, to itself, with two leads', () => {
    const crowd = Array.from({ length: 21 }, (_, i) => ({ ...police, organ: `organ:330803-1${i}` }));
    for (const [organs, field] of [
      [[], 'organs'],
      [crowd, 'organs'],
      [[water, { ...water, role: 'COOPERATE' as const }], 'organs[1]'],
      [[{ ...town, role: 'LEAD' as const }], 'organs[0]'],
      [[water, { ...police, role: 'LEAD' as const }], 'organs'],
    ] as const)
      given(call)
        .when(issueCommand({}, [...organs]))
        .thenRefused({ ...rule, field });
  });

  test('G-9 one that is there already, and steps of one that is not', () => {
    given(call, issued()).when(issueCommand()).thenRefused({ code: 'CONFLICT' });
    given(call).when(step('AcceptCall', 1)).thenRefused({ code: 'NOT_FOUND' });
  });
});

describe('whatever is tried, in whatever order', () => {
  const organs = [water, police, forestry];
  const organ = fc.constantFrom(...organs.map((one) => one.organ));
  const minutes = fc.integer({ min: 0, max: 3_000 });
  const text = fc.constantFrom('说明', '', '办结');
  const command: fc.Arbitrary<CallCommand> = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('AcceptCall', 'ArriveOnCall', 'FinishCall', 'GiveCallFeedback', 'AskCallRework'),
        organ,
        text,
        minutes,
      )
      .map(([type, of, words, wait]) => ({ type, organ: of, text: words, ...at(wait) }) as CallCommand),
    fc.tuple(organ, fc.boolean(), minutes).map(
      ([of, cited, wait]): CallCommand => ({
        type: 'RefuseCall',
        organ: of,
        text: '非本部门职责',
        citation: cited ? { kind: 'ARTICLE', title: '中华人民共和国水法', article: '第三十九条' } : null,
        ...at(wait),
      }),
    ),
    fc.tuple(organ, fc.boolean(), fc.option(organ), minutes).map(
      ([of, stands, by, wait]): CallCommand => ({
        type: 'DecideCallRefusal',
        organ: of,
        stands,
        reasons: '按清单',
        substitute: by === null ? null : name(organs.find((one) => one.organ === by) ?? water),
        ...at(wait),
      }),
    ),
    fc.tuple(organ, organ, minutes).map(
      ([of, by, wait]): CallCommand => ({
        type: 'SubstituteCalledOrgan',
        organ: of,
        substitute: name(organs.find((one) => one.organ === by) ?? water),
        reasons: '按清单',
        ...at(wait),
      }),
    ),
    fc.tuple(organ, fc.integer({ min: 0, max: 6 }), minutes).map(
      ([of, value, wait]): CallCommand => ({
        type: 'RateCall',
        organ: of,
        given: points(value),
        text: '评价',
        ...at(wait),
      }),
    ),
    minutes.map((wait): CallCommand => ({ type: 'WithdrawCall', organs: null, ...at(wait) })),
    minutes.map((wait): CallCommand => ({ type: 'RecordTime', ...at(wait) })),
  );

  test('G-9 nothing outside the states is reached, each part is rated once at most, each overdue step recorded once', () => {
    const commands = fc.array(command, { maxLength: 40 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...organs), { minLength: 1 }), commands, (called, tried) => {
        const first = call.decide(
          issueCommand(
            {},
            called.map((one, i) => ({ ...one, role: i ? 'COOPERATE' : 'LEAD' })),
          ),
          initial,
        );
        if (!first.ok) throw new Error(first.refusal.message.en);
        const history = [...first.events];
        let state = first.events.reduce<Call>(
          (before, event) => call.evolve(before, event, envelope),
          initial,
        );
        for (const one of tried) {
          const before = state;
          const outcome = call.decide(one, before);
          if (!outcome.ok) continue;
          if (before.status === 'CLOSED') expect(outcome.events).toEqual([]);
          state = outcome.events.reduce<Call>((now, event) => call.evolve(now, event, envelope), before);
          history.push(...outcome.events);
          check(before, state, one);
        }
        const overdues = history.filter((event) => event.type === 'CallOverdue');
        expect(new Set(overdues.map((event) => JSON.stringify(event.data))).size).toBe(overdues.length);
        expect(
          history.filter((event) => event.type === 'CallRaised' && event.data.cause === 'OVERDUE').length,
        ).toBeLessThan(2);
        expect(
          history.filter((event) => event.type === 'CallRaised' && event.data.cause !== 'OVERDUE').length,
        ).toBeLessThan(2);
      }),
      { numRuns: 300 },
    );
  });

  const envelope = {
    actor: { subject: 's', name: 'n', organ: null, role: 'r' },
    reason: 'r',
    basis: [],
    effectiveAt: '2026-03-05',
    recordedAt: START,
  };

  function check(before: Call, state: Call, tried: CallCommand): void {
    if (state.status === 'ABSENT' || before.status === 'ABSENT') throw new Error('the call is there');
    const ended = (part: Part) => !isRunning(part) && part.status !== 'DONE';
    expect(state.status).toBe(state.parts.every(ended) ? 'CLOSED' : 'OPEN');
    for (const [i, part] of before.parts.entries()) {
      const now = state.parts[i] as Part;
      if (ended(part)) expect(now).toEqual(part);
      else if (now.status !== part.status && tried.type in MAY) {
        const from = MAY[tried.type as keyof typeof MAY];
        expect([
          ...from,
          ...(tried.type === 'RateCall' ? ['CALLED', 'ACCEPTED', 'ON_SITE', 'REWORK'] : []),
        ]).toContain(part.status);
      }
    }
  }
});
