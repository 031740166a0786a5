import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from '@dutyledger/cli/client';
import { CliFailure } from '@dutyledger/cli/failure';
import { translator } from '@dutyledger/cli/language';
import { CASE_FIELDS, type CaseView } from './case-view.ts';
import type { Actor } from './cast.ts';
import type { Node } from './node.ts';
import { CALL_INPUTS, type CallOperation, type CaseOperation, INPUTS } from './operations.ts';

/** The public endpoint as the people of the county use it, and how often it said no. */

export interface Refusals {
  /** By code and operation: how often, and the first message. */
  [what: string]: { count: number; first: string };
}

/** On what ground everything is done. */
export const BASIS = [{ title: '网格化服务管理工作规范（模拟）', documentNumber: '模拟〔2026〕1号' }];
const TOKEN_SECONDS = 7 * 24 * 3_600;

const CASE_MUTATIONS = Object.fromEntries(
  Object.entries(INPUTS).map(([name, input]) => [
    name,
    `mutation ($input: ${input}Input!) { ${name}(input: $input) { case { ${CASE_FIELDS} } repeated } }`,
  ]),
);
const CALL_MUTATIONS = Object.fromEntries(
  Object.entries(CALL_INPUTS).map(([name, input]) => [
    name,
    `mutation ($input: ${input}Input!) { ${name}(input: $input) { call { id } } }`,
  ]),
);
const CASE = `query ($id: ID!) { case(id: $id) { ${CASE_FIELDS} } }`;

const PATIENCE = { tries: 3_000, waitMs: 20 };

export class Api {
  readonly #node: Node;
  readonly #clients = new Map<string, Promise<Client>>();
  sent = 0;

  constructor(node: Node) {
    this.#node = node;
  }

  #clientOf(by: Actor): Promise<Client> {
    const known = this.#clients.get(by.subject);
    if (known) return known;
    const made = this.#node.issuer
      .issue({ ...by, lifetimeSeconds: TOKEN_SECONDS })
      .then((token) =>
        createClient({ url: this.#node.url, token, language: 'zh-CN', t: translator('zh-CN') }),
      );
    this.#clients.set(by.subject, made);
    return made;
  }

  /** Throws CliFailure: what was refused. */
  async ask<T>(by: Actor, query: string, variables: Record<string, unknown> = {}): Promise<T> {
    this.sent += 1;
    return (await this.#clientOf(by)).ask<T>(query, variables);
  }

  async step(
    operation: CaseOperation,
    by: Actor,
    input: object,
  ): Promise<{ case: CaseView; repeated: boolean }> {
    const query = CASE_MUTATIONS[operation] ?? '';
    type Answer = Record<string, { case: CaseView; repeated: boolean }>;
    const answer = (await this.ask<Answer>(by, query, { input }))[operation];
    if (!answer) throw new Error(`${operation} was not answered`);
    return answer;
  }

  async call(operation: CallOperation, by: Actor, input: object): Promise<string> {
    const query = CALL_MUTATIONS[operation] ?? '';
    const answer = await this.ask<Record<string, { call: { id: string } }>>(by, query, { input });
    return answer[operation]?.call.id ?? '';
  }

  async case(by: Actor, id: string): Promise<CaseView> {
    const { case: found } = await this.ask<{ case: CaseView | null }>(by, CASE, { id });
    if (!found) throw new Error(`${id} cannot be found any more`);
    return found;
  }

  /** What a query answers once it is what is wanted: another service has to hear of it first. */
  async once<T>(query: () => Promise<T>, wanted: (answer: T) => boolean, what: string): Promise<T> {
    for (let tries = 0; tries < PATIENCE.tries; tries++) {
      const answer = await query();
      if (wanted(answer)) return answer;
      await pause(PATIENCE.waitMs);
    }
    throw new Error(`waited in vain: ${what}`);
  }
}

/** Counts a refusal; anything else that was thrown is thrown on. */
export function counted(refusals: Refusals, operation: string, error: unknown): void {
  if (!(error instanceof CliFailure)) throw error;
  const { code, rule, message } = error.fault;
  const what = [operation, code, rule].filter(Boolean).join(' ');
  const known = refusals[what] ?? { count: 0, first: message };
  refusals[what] = { ...known, count: known.count + 1 };
}
