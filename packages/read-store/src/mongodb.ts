import { randomBytes } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { AnySpec, Generation, Lease, ReadStore } from './adapter.ts';
import { MongoAccess } from './mongodb-access.ts';
import { MongoGeneration } from './mongodb-generation.ts';
import { MongoLeases } from './mongodb-leases.ts';
import { MongoRegister } from './mongodb-register.ts';
import { type Declared, type GenerationState, type ModelState, modelKey, nameOf } from './mongodb-state.ts';
import { ReadStoreError } from './read-store.ts';

/**
 * Opens a read store in a MongoDB database, or one of a server that speaks its protocol: `mongodb://…/<database>`; TLS,
 * credentials and replica set as the URL says. Throws ReadStoreError UNAVAILABLE, NEWER_SCHEMA, CORRUPT; a TypeError for
 * a URL that is none.
 */
export async function openMongoReadStore(url: string): Promise<ReadStore> {
  const access = await MongoAccess.open(url);
  const store = new MongoReadStore(access);
  await store.resumeDrops();
  return store;
}

/** Other processes may be in the middle of reading what is dropped. */
const DROP_GRACE_MS = 30_000;

class MongoReadStore implements ReadStore {
  readonly #access: MongoAccess;
  readonly #register: MongoRegister;
  readonly #leases: MongoLeases;
  readonly #declared: Collection<Declared>;
  readonly #open = new Map<string, MongoGeneration>();

  constructor(access: MongoAccess) {
    this.#access = access;
    this.#register = new MongoRegister(access);
    this.#leases = new MongoLeases(access, this.#register);
    this.#declared = access.collection('generations');
  }

  async generations(name: string): Promise<Generation[]> {
    const model = await this.#register.read<ModelState>(modelKey(name));
    const found: Generation[] = [];
    for (const state of model?.value.generations ?? []) {
      if (state.state === 'dropping') continue;
      const generation = this.#open.get(state.id) ?? (await this.#load(state.id));
      if (generation === undefined) continue;
      generation.learn(state);
      found.push(generation);
    }
    return found;
  }

  async create(
    name: string,
    version: number,
    collections: readonly AnySpec[],
    serving: boolean,
  ): Promise<Generation> {
    const id = randomBytes(6).toString('hex');
    const declared = { _id: id, name, version, collections: JSON.stringify(collections) };
    const generation = new MongoGeneration(this.#access, this.#register, declared);
    const state: GenerationState = {
      id,
      state: serving ? 'serving' : 'building',
      checkpoint: 0,
      stored: 0,
      open: 1,
      voids: [],
      swept: 0,
      cleared: 0,
    };
    await this.#access.write(async () => {
      await this.#access.call(() => this.#declared.insertOne(declared));
      await generation.prepare();
      await this.#register.change<ModelState>(modelKey(name), (model = { generations: [] }) => {
        if (model.generations.some((one) => one.id === id)) return undefined;
        if (serving && model.generations.some((one) => one.state === 'serving')) {
          throw new ReadStoreError('FENCED', `another process has created ${name}`);
        }
        return { generations: [...model.generations, state] };
      });
    });
    generation.learn(state);
    this.#open.set(id, generation);
    return generation;
  }

  async serve(generation: Generation): Promise<void> {
    const next = this.#mine(generation);
    const { value } = await this.#access.write(() =>
      this.#register.change<ModelState>(modelKey(next.name), (model) => {
        const state = model?.generations.find(({ id }) => id === next.id);
        if (model === undefined || state === undefined || state.state === 'dropping') {
          throw new ReadStoreError('FENCED', `another process has dropped ${next.name}`);
        }
        if (state.state === 'serving') return undefined;
        return { generations: model.generations.map((one) => served(one, next.id)) };
      }),
    );
    for (const state of value.generations) this.#open.get(state.id)?.learn(state);
  }

  async drop(generation: Generation): Promise<void> {
    const dropped = this.#mine(generation);
    dropped.serving = false;
    await this.#access.write(() =>
      this.#register.change<ModelState>(modelKey(dropped.name), (model) => {
        const state = model?.generations.find(({ id }) => id === dropped.id);
        if (model === undefined || state === undefined || state.state === 'dropping') return undefined;
        const dropping: GenerationState = { ...state, state: 'dropping' };
        return { generations: model.generations.map((one) => (one === state ? dropping : one)) };
      }),
    );
    this.#deleteLater(dropped.name, dropped.id);
  }

  tryLease(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#leases.take(name, holder, ttlMs);
  }

  close(): Promise<void> {
    return this.#access.close();
  }

  /** What earlier processes did not live to delete. */
  async resumeDrops(): Promise<void> {
    for (const key of await this.#register.keys()) {
      const name = nameOf(key);
      if (name === undefined) continue;
      const model = await this.#register.read<ModelState>(key);
      const states = model?.value.generations ?? [];
      const left = states.filter(({ state }) => state === 'dropping').map(({ id }) => id);
      // Or to create: they are in no state.
      const begun = await this.#access.call(() => this.#declared.find({ name }).toArray());
      const orphans = begun.flatMap(({ _id }) => (states.some(({ id }) => id === _id) ? [] : [_id]));
      for (const id of [...left, ...orphans]) this.#deleteLater(name, id);
    }
  }

  #deleteLater(name: string, id: string): void {
    this.#access.later(DROP_GRACE_MS, async () => {
      const model = await this.#register.read<ModelState>(modelKey(name));
      const state = model?.value.generations.find((one) => one.id === id);
      if (state !== undefined && state.state !== 'dropping') return;
      const generation = this.#open.get(id) ?? (await this.#load(id));
      await generation?.dropCollections();
      await this.#access.call(() => this.#declared.deleteOne({ _id: id }));
      if (state !== undefined) {
        await this.#register.change<ModelState>(modelKey(name), (current) => {
          const rest = current?.generations.filter((one) => one.id !== id) ?? [];
          return rest.length === current?.generations.length ? undefined : { generations: rest };
        });
      }
      this.#open.delete(id);
    });
  }

  /** undefined: it was deleted meanwhile. */
  async #load(id: string): Promise<MongoGeneration | undefined> {
    const declared = await this.#access.call(() => this.#declared.findOne({ _id: id }));
    if (declared === null) return undefined;
    const generation = new MongoGeneration(this.#access, this.#register, declared);
    await this.#access.write(() => generation.prepare());
    const before = this.#open.get(id);
    if (before !== undefined) return before;
    this.#open.set(id, generation);
    return generation;
  }

  #mine(generation: Generation): MongoGeneration {
    if (generation instanceof MongoGeneration && generation.access === this.#access) return generation;
    throw new TypeError(`${generation.name} is no generation of this store`);
  }
}

/** One serves from now on, and the one that did is to be dropped. */
function served(state: GenerationState, next: string): GenerationState {
  if (state.id === next) return { ...state, state: 'serving' };
  return state.state === 'serving' ? { ...state, state: 'dropping' } : state;
}
