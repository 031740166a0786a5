import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { secretText, signedHeaders } from './signature.ts';

const secret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const letter = fc.record({ id: fc.stringMatching(/^msg_[a-z0-9]{1,20}$/), body: fc.json() });

test('the official library verifies what is signed, with any of the secrets and no other', () => {
  fc.assert(
    fc.property(
      letter,
      fc.uniqueArray(secret, { minLength: 2, maxLength: 4 }),
      (message, [other, ...own]) => {
        const headers = signedHeaders(message, new Date(), own);
        for (const one of own) {
          expect(new Webhook(secretText(one)).verify(message.body, headers)).toEqual(
            JSON.parse(message.body),
          );
        }
        if (other === undefined || own.some((one) => one.equals(other))) return;
        expect(() => new Webhook(secretText(other)).verify(message.body, headers)).toThrow();
        const [first = Buffer.alloc(24)] = own;
        expect(() => new Webhook(secretText(first)).verify(`${message.body} `, headers)).toThrow();
      },
    ),
    { numRuns: 50 },
  );
});

test('what is not signed is not sent', () => {
  expect(() => signedHeaders({ id: 'msg_1', body: '{}' }, new Date(), [])).toThrow('msg_1');
});
