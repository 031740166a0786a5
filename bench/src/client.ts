import { DIVISION, ORGAN_NAMES } from './duty-events.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a query answers is known where it is written
export type Data = any;

export interface Client {
  /** Of the endpoint. */
  url: string;
  /** Asks over HTTP. Throws when there are errors. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Data>;
}

export function client(base: string, token: string): Client {
  const url = `${base}/graphql`;
  return {
    url,
    async ask(query, variables = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown[] };
      if (errors?.length) throw new Error(JSON.stringify(errors.slice(0, 3), null, 2));
      return data;
    },
  };
}

export const CHANGE = {
  reason: '按市级指导目录编制',
  basis: [{ title: '关于明晰县乡职责规范“属地管理”的若干意见(试行)', documentNumber: '鲁办发〔2019〕1号' }],
};

/** Registers the organs that the duty lists of the benchmarks name, which get the ids that they have there. */
export async function registerOrgans({ ask }: Client): Promise<string[]> {
  const { registerOrgans: registered } = await ask(
    /* GraphQL */ `
      mutation ($input: RegisterOrgansInput!) {
        registerOrgans(input: $input) { organs { id } }
      }
    `,
    {
      input: {
        division: DIVISION,
        organs: ORGAN_NAMES.map((name) => ({ name, kind: 'DEPARTMENT' })),
        effectiveFrom: '2000-01-01',
        change: CHANGE,
      },
    },
  );
  return registered.organs.map(({ id }: { id: string }) => id);
}

/** Opens a list and answers its id. */
export async function openList({ ask }: Client, title: string, maintainer: string): Promise<string> {
  const { openDutyList } = await ask(
    /* GraphQL */ `
      mutation ($input: OpenDutyListInput!) {
        openDutyList(input: $input) { list { id } }
      }
    `,
    { input: { division: DIVISION, kind: 'TERRITORIAL', title, maintainer, change: CHANGE } },
  );
  return openDutyList.list.id;
}
