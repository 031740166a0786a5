import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { Supergraph } from '@apollo/federation-internals';
import { parse, validate } from 'graphql/index.js';
import { describe, expect, test } from 'vitest';
import { running } from '../test/fixture.ts';
import { supergraphFile } from './compose.ts';
import { DEFAULT_QUERY, TITLE } from './explorer.ts';

const token = 'development-token-of-the-test';

async function page(headers: Record<string, string> = {}) {
  const { url } = await running('in memory', { explorer: { token } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers }, resolve).on('error', reject).end();
  });
  let html = '';
  for await (const chunk of response.setEncoding('utf8')) html += chunk;
  return { response, html };
}

describe('explorer', () => {
  test('is one page that fetches nothing from elsewhere', async () => {
    const { response, html } = await page();
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(html.includes(`<title>${TITLE}</title>`)).toBe(true);
    const policy = response.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    const markup = html.replace(/<script>[\s\S]*<\/script>/, '');
    const styles = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    expect(styles.length).toBeGreaterThan(10_000);
    expect([...markup.matchAll(/\b(?:src|href|action)="([^"]*)"/g)].map(([, to]) => to?.slice(0, 5))).toEqual(
      ['data:'],
    );
    expect(
      [...styles.matchAll(/url\(\s*["']?([^)"']{0,30})/g)].filter(([, to]) => !/^(?:data:|#)/.test(to ?? '')),
    ).toEqual([]);
    expect(styles.includes('@import')).toBe(false);
  });

  test('greets in both languages and has the token in its header editor', async () => {
    const { html } = await page();
    const options = html.slice(html.lastIndexOf('renderYogaGraphiQL('));
    expect(options).toContain('访问令牌');
    expect(options).toContain('the access token');
    expect(options).toContain(`Bearer ${token}`);
    expect(options).toContain('"shouldPersistHeaders":false');
  });

  test('keeps the token from pages of other sites that reach this machine by their own name', async () => {
    const { html } = await page({ host: 'evil.example' });
    expect(html.includes(TITLE)).toBe(true);
    expect(html.includes(token)).toBe(false);
  });

  test('starts with a query that the supergraph can answer', () => {
    const schema = Supergraph.build(readFileSync(supergraphFile, 'utf8')).apiSchema().toGraphQLJSSchema();
    expect(validate(schema, parse(DEFAULT_QUERY))).toEqual([]);
  });
});
