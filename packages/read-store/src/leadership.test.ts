import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Lease } from './adapter.ts';
import { aborted, type Term, whileLeading } from './leadership.ts';
import { Leases } from './sqlite-leases.ts';

/** Runs out while a test waits. */
const QUICK = { ttlMs: 200, pollMs: 10 };
/** Nobody loses it because the machine stands still. */
const LASTING = { ttlMs: 600_000, pollMs: 10 };
const PATIENCE = { timeout: 60_000 };

/** A store whose leases the test bends. */
function leading(
  work: (term: Term) => Promise<void>,
  bend: (lease: Lease) => Lease = (lease) => lease,
  options = LASTING,
) {
  const leases = new Leases();
  const tryLease = async (name: string, _holder: string, ttlMs: number) => {
    const lease = leases.take(name, ttlMs);
    return lease && bend(lease);
  };
  const leadership = whileLeading({ tryLease }, 'work', work, options);
  onTestFinished(() => leadership.stop());
  return { leases, leadership };
}

describe('leadership', () => {
  test('work goes on while the lease is renewed, and ends when it is stopped, before the lease is given up', async () => {
    const steps: string[] = [];
    const begun = Promise.withResolvers<void>();
    const release = (lease: Lease): Lease => ({
      ...lease,
      release: async () => {
        steps.push('released');
        await lease.release();
      },
    });
    const { leadership } = leading(async ({ signal }) => {
      begun.resolve();
      await aborted(signal);
      steps.push('ended');
    }, release);
    await begun.promise;
    expect(leadership.leading).toBe(true);
    await leadership.stop();
    expect(leadership.leading).toBe(false);
    expect(steps).toEqual(['ended', 'released']);
  });

  test.each([
    ['nobody answers any more', () => new Promise<boolean>(() => undefined)],
    ['the store fails', () => Promise.reject(new Error('away'))],
    ['someone else has the lease', async () => false],
  ])('the signal comes when %s', async (_, renew) => {
    const tokens: number[] = [];
    const twice = Promise.withResolvers<void>();
    leading(
      async ({ token, signal }) => {
        tokens.push(token);
        await aborted(signal);
        if (tokens.length === 2) twice.resolve();
      },
      (lease) => ({ ...lease, renew }),
      QUICK,
    );
    await twice.promise;
    expect(tokens[1]).toBeGreaterThan(tokens[0] ?? Number.NaN);
  });

  test('work that breaks off is begun again, in a later term', async () => {
    const tokens: number[] = [];
    leading(async ({ token, signal }) => {
      tokens.push(token);
      if (tokens.length < 3) throw new Error('broke off');
      await aborted(signal);
    });
    await vi.waitFor(() => expect(tokens).toEqual([1, 2, 3]), PATIENCE);
  });

  test('while another holds it nothing is done; when that one gives it up, this one begins', async () => {
    const begun = Promise.withResolvers<number>();
    const leases = new Leases();
    const other = leases.take('work', 60_000);
    const tryLease = vi.fn(async (name: string) => leases.take(name, 60_000));
    const leadership = whileLeading(
      { tryLease },
      'work',
      async ({ token, signal }) => {
        begun.resolve(token);
        await aborted(signal);
      },
      LASTING,
    );
    onTestFinished(() => leadership.stop());
    await vi.waitFor(() => expect(tryLease.mock.calls.length).toBeGreaterThan(2), PATIENCE);
    expect(leadership.leading).toBe(false);
    await other?.release();
    expect(await begun.promise).toBe(2);
  });
});
