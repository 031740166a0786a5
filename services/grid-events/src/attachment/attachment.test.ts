import { expect, test } from 'vitest';
import { type AttachmentCommand, type AttachmentState, attachment } from './attachment.ts';

const file = {
  sha256: 'a'.repeat(64),
  mediaType: 'image/png',
  bytes: 3,
  key: null,
  by: 'worker',
  until: '2026-03-06T02:00:00.000Z',
};
const place = { county: '330803000000', division: '330803114000', person: null };
const envelope = {
  actor: { subject: 'x', name: 'x', organ: null, role: 'PERSONAL_DATA_READER' },
  reason: 'x',
  basis: [],
  effectiveAt: '2026-03-05',
  recordedAt: '2026-03-05T02:00:00.000Z',
};

const store: AttachmentCommand = { type: 'Store', file };
const name = (of: string): AttachmentCommand => ({ type: 'Name', in: { ...place, case: of }, by: 'worker' });
const erase = (of: string): AttachmentCommand => ({ type: 'Erase', case: of });

/** What comes of the commands in turn: codes of refusals, types of events. */
function outcomes(...commands: AttachmentCommand[]): { told: string[]; state: AttachmentState } {
  let state = attachment.initial;
  const told = commands.map((command) => {
    const decision = attachment.decide(command, state);
    if (!decision.ok) return decision.refusal.code;
    for (const event of decision.events) state = attachment.evolve(state, event, envelope);
    return decision.events.map(({ type }) => type.replace('Attachment', '')).join();
  });
  return { told, state };
}

test('G-4 a file goes with the last case that it is erased from, once', () => {
  const deletion: AttachmentCommand = { type: 'RecordDeletion' };
  const { told, state } = outcomes(
    ...[store, name('a'), name('b'), erase('c'), erase('a'), deletion, erase('a'), erase('b')],
    ...[{ type: 'Sweep' } as const, deletion, deletion],
  );
  expect(told).toEqual(
    'Stored Named Named NOT_FOUND Erased - CONFLICT Erased - Deleted -'
      .split(' ')
      .map((each) => each.replace('-', '')),
  );
  expect(state).toMatchObject({ status: 'ERASED', destroyed: true, cases: [] });
});

test('G-4 the same bytes are a new file afterwards, for any case but the one they were erased from', () => {
  const read: AttachmentCommand = { type: 'Read', in: { ...place, case: 'a' }, purpose: 'x' };
  const { told, state } = outcomes(
    store,
    name('a'),
    erase('a'),
    name('b'),
    read,
    store,
    name('a'),
    name('b'),
  );
  expect(told).toEqual([
    ...['Stored', 'Named', 'Erased', 'NOT_FOUND', 'NOT_FOUND'],
    ...['Stored', 'CONFLICT', 'Named'],
  ]);
  expect(state).toMatchObject({ status: 'NAMED', destroyed: false, erased: [{ case: 'a' }] });
});

test('G-4 a file that no case has named is nobody’s to erase', () => {
  expect(outcomes(erase('a'), store, erase('a')).told).toEqual(['NOT_FOUND', 'Stored', 'NOT_FOUND']);
});
