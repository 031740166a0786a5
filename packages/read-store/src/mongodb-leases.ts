import type { Lease } from './adapter.ts';
import type { MongoAccess } from './mongodb-access.ts';
import type { MongoRegister } from './mongodb-register.ts';

interface Held {
  token: number;
  /** undefined: given up. */
  holder?: string;
}

/**
 * Leases among processes. Every renewal changes the lease's number in the register; who wants it watches that number on
 * its own clock, and takes it when it has stood still for long enough.
 */
export class MongoLeases {
  readonly #access: MongoAccess;
  readonly #register: MongoRegister;
  readonly #watched = new Map<string, { sequence: number; since: number }>();

  constructor(access: MongoAccess, register: MongoRegister) {
    this.#access = access;
    this.#register = register;
  }

  async take(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    const key = `lease ${name}`;
    const current = await this.#register.read<Held>(key);
    if (current?.value.holder !== undefined && !this.#stoodStill(key, current.sequence, ttlMs))
      return undefined;
    const token = (current?.value.token ?? 0) + 1;
    let given = false;
    await this.#access.write(() =>
      this.#register.change<Held>(key, (_, sequence) => {
        given = sequence === (current?.sequence ?? 0);
        return given ? { token, holder } : undefined;
      }),
    );
    return given ? this.#lease(name, token) : undefined;
  }

  #stoodStill(key: string, sequence: number, ttlMs: number): boolean {
    const watched = this.#watched.get(key);
    const now = performance.now();
    if (watched?.sequence === sequence) return now - watched.since >= ttlMs;
    this.#watched.set(key, { sequence, since: now });
    return false;
  }

  #lease(name: string, token: number): Lease {
    const change = async (next: (held: Held) => Held): Promise<boolean> => {
      let mine = false;
      await this.#access.write(() =>
        this.#register.change<Held>(`lease ${name}`, (held) => {
          mine = held?.token === token && held.holder !== undefined;
          return mine && held !== undefined ? next(held) : undefined;
        }),
      );
      return mine;
    };
    return {
      name,
      token,
      renew: () => change((held) => ({ ...held })),
      release: async () => {
        await change(({ token: last }) => ({ token: last }));
      },
    };
  }
}
