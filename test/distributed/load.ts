import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';

const COUNTY = '370114000000';
const AGAIN_MS = 100;
const WORKERS = 2;

const change = (idempotencyKey: string) => ({
  reason: '故障演练',
  basis: [{ title: '应急预案', documentNumber: '演练〔2026〕1号' }],
  idempotencyKey,
});

const REGISTER = /* GraphQL */ `
  mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { id } repeated pending } }
`;
const OPEN = /* GraphQL */ `
  mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } } }
`;
const CHANGE = /* GraphQL */ `
  mutation ($input: ChangeDraftInput!) { changeDraft(input: $input) { draft { number } repeated pending } }
`;

/**
 * People at work through the gateway: some register organs, others put items led by these organs into drafts. Whoever
 * gets an error or no answer asks again with the same key, until it is acknowledged.
 */
export class Load {
  /** Names of organs, and codes of items by list, that were acknowledged. */
  readonly organs: string[] = [];
  readonly items = new Map<string, string[]>();
  /** The last complaint, for whoever wonders why nothing goes on. */
  complaint = '';
  readonly #client: Client;
  readonly #ids: string[] = [];
  readonly #rounds: number[] = Array(2 * WORKERS).fill(0);
  #running: Promise<unknown> = Promise.resolve();
  #stopping = false;

  constructor(client: Client) {
    this.#client = client;
  }

  start(): void {
    const workers = Array.from({ length: WORKERS }, (_, n) => [this.#registrar(n), this.#editor(n)]);
    this.#running = Promise.all(workers.flat());
  }

  /** What was begun is acknowledged before this resolves. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  /** Resolves when each worker has had something acknowledged that it began after this call. */
  async workedOn(): Promise<void> {
    const wanted = this.#rounds.map((rounds) => rounds + 2);
    while (wanted.some((rounds, n) => (this.#rounds[n] ?? 0) < rounds)) await sleep(20);
  }

  async #registrar(n: number): Promise<void> {
    for (let round = 0; !this.#stopping; round++) {
      const name = `演练机构${n}之${round}`;
      const organs = [{ name, kind: 'DEPARTMENT' }];
      const { registerOrgans } = await this.#insist(REGISTER, {
        division: COUNTY,
        organs,
        change: change(`organ-${n}-${round}`),
      });
      this.organs.push(name);
      this.#ids.push(registerOrgans.organs[0].id);
      this.#rounds[n] = round + 1;
    }
  }

  async #editor(n: number): Promise<void> {
    const opening = {
      division: COUNTY,
      kind: 'TERRITORIAL',
      title: `演练清单${n}`,
      maintainer: await this.#organ(),
    };
    const { openDutyList } = await this.#insist(OPEN, { ...opening, change: change(`list-${n}`) });
    const list: string = openDutyList.list.id;
    const codes: string[] = [];
    this.items.set(list, codes);
    for (let round = 0; !this.#stopping; round++) {
      const code = `D-${round}`;
      const add = {
        name: `演练事项${n}之${round}`,
        domain: '应急管理',
        leads: [{ organ: await this.#organ(), duty: '演练' }],
        basis: [{ title: '应急预案' }],
        townRole: { role: 'COOPERATE' },
      };
      const input = { list, basedOn: round, changes: [{ code, add }], change: change(`item-${n}-${round}`) };
      await this.#insist(CHANGE, input);
      codes.push(code);
      this.#rounds[WORKERS + n] = round + 1;
    }
  }

  /** The newest organ there is: it has to come over the bus before a list can name it. */
  async #organ(): Promise<string> {
    for (;;) {
      const id = this.#ids.at(-1);
      if (id !== undefined) return id;
      await sleep(AGAIN_MS);
    }
  }

  async #insist(query: string, input: object) {
    for (;;) {
      try {
        return await this.#client.ask(query, { input });
      } catch (error) {
        this.complaint = String(error);
        await sleep(AGAIN_MS);
      }
    }
  }
}
