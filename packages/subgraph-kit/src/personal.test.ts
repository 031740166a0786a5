import { expect, test } from 'vitest';
import type { Caller } from './identity.ts';
import { isToTellPersonal, watchedCaller } from './personal.ts';

const caller: Caller = {
  subject: 'u',
  name: '王',
  organ: null,
  division: '370114000000',
  roles: ['AUDITOR'],
};

test('an answer depends on the person when the name or subject was looked at, copied or written out', () => {
  const rights = watchedCaller(caller);
  expect([rights.caller.organ, rights.caller.division, rights.caller.roles]).toEqual([
    null,
    caller.division,
    caller.roles,
  ]);
  expect(rights.personal()).toBe(false);
  for (const look of [
    (seen: Caller) => seen.subject,
    (seen: Caller) => seen.name,
    (seen: Caller) => ({ ...seen }),
    (seen: Caller) => JSON.stringify(seen),
    (seen: Caller) => structuredClone(seen),
  ]) {
    const watched = watchedCaller(caller);
    look(watched.caller);
    expect(watched.personal()).toBe(true);
  }
  expect({ ...rights.caller }).toEqual(caller);
});

test('it is told to those who ask for it', () => {
  expect(isToTellPersonal({ 'x-tell-personal': '1' })).toBe(true);
  expect(isToTellPersonal({})).toBe(false);
});
