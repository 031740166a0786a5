import { hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { film, GPS, jpeg, pdf, png } from '../src/attachment/pictures.fixture.ts';
import { COUNTY, change, type Data, OTHER_TOWN } from './harness.ts';
import {
  auditor,
  county,
  type PersonalHarness,
  reader,
  reportInput,
  startPersonalHarness,
  townOperator,
} from './personal-harness.ts';

/** Files of cases over HTTP and in reports (G-4). */

let h: PersonalHarness;
beforeAll(async () => {
  h = await startPersonalHarness();
});
afterAll(() => h.end());

const worker = { roles: ['GRID_WORKER'], division: townOperator.division, subject: 'worker' } as const;

async function upload(content: Uint8Array, type: string, as: object = worker, query = '') {
  const headers = { ...(await h.bearer(as)), 'content-type': type, 'accept-language': 'en' };
  const body = content as Uint8Array<ArrayBuffer>;
  const answer = await fetch(`${h.url}/attachments${query}`, { method: 'POST', headers, body });
  const given: Data = await answer.json();
  return { status: answer.status, ...given, error: given.errors?.[0] };
}

async function download(sha256: string, as: object, query = '') {
  const answer = await fetch(`${h.url}/attachments/${sha256}${query}`, { headers: await h.bearer(as) });
  const content = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, content };
}

const unique = (() => {
  let n = 0;
  return (): Buffer => Buffer.concat([pdf(), Buffer.from(`% ${++n}\n`)]);
})();

const blobs = async (): Promise<string[]> =>
  (await readdir(`${h.folder}/blobs`, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));

describe('upload and download', () => {
  test('G-4 a picture is kept without its place, once, and comes back as a download that no page can show', async () => {
    const first = await upload(jpeg({ turn: 6 }), 'image/jpeg');
    expect(first).toMatchObject({ status: 201, mediaType: 'image/jpeg', personal: false });
    expect((await upload(jpeg({ turn: 6 }), 'image/jpeg')).sha256).toBe(first.sha256);
    expect((await blobs()).filter((name) => name.endsWith(first.sha256))).toHaveLength(1);

    const attachments = [{ sha256: first.sha256, name: '现场照片.jpg' }];
    const query =
      'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id attachments { sha256 mediaType bytes name } } } }';
    const { case: reported } = (await h.ask(query, { input: reportInput({ attachments }) }, townOperator))
      .reportCase;
    expect(reported.attachments).toEqual([
      { ...attachments[0], mediaType: 'image/jpeg', bytes: first.bytes },
    ]);

    const { status, headers, content } = await download(first.sha256, county);
    expect(status).toBe(200);
    expect(hash('sha256', content)).toBe(first.sha256);
    expect(content.includes(GPS)).toBe(false);
    expect(headers.get('content-type')).toBe('image/jpeg');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[0-9a-f]{16}\.jpg"$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('cache-control')).toContain('no-store');
  });

  test('G-4 what is not taken is refused, and leaves nothing', async () => {
    const before = { head: await h.events.head(), blobs: await blobs() };
    const html = Buffer.from('<html><script>alert(1)</script></html>');
    for (const [content, type] of [
      [html, 'text/html'],
      [html, 'image/jpeg'],
      [Buffer.from('<svg/>'), 'image/svg+xml'],
      [png(), 'image/jpeg'],
      [film(), 'application/pdf'],
      [Buffer.alloc(0), 'image/png'],
      [png(), 'application/json'],
    ] as const) {
      expect(await upload(content, type)).toMatchObject({
        status: 400,
        error: { extensions: { code: 'INVALID_INPUT', rule: 'G-4' } },
      });
    }
    for (const role of ['AUDITOR', 'LIST_EDITOR', 'SYSTEM_ADMIN']) {
      expect(await upload(png(), 'image/png', { ...worker, roles: [role] })).toMatchObject({ status: 403 });
    }
    const bare = await fetch(`${h.url}/attachments`, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'image/png' },
    });
    expect(bare.status).toBe(401);
    expect({ head: await h.events.head(), blobs: await blobs() }).toEqual(before);
  });

  test('G-4 a file that is too large is refused before it has come, whether it says so or not', async () => {
    const { authorization } = await h.bearer(worker);
    const { hostname, port } = new URL(h.url);
    const large = 20 * 1024 * 1024 + 1;
    const ask = (lines: string[], body: () => Generator<Buffer>) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname);
        let answer = '';
        socket.setEncoding('utf8').on('data', (part) => {
          answer += part;
          if (answer.endsWith('}')) socket.destroy();
        });
        socket.once('close', () => resolve(answer));
        socket.once('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
        socket.write(
          [
            ...['POST /attachments HTTP/1.1', `host: ${hostname}`, `authorization: ${authorization}`],
            ...lines,
            '',
            '',
          ].join('\r\n'),
        );
        for (const part of body()) socket.write(part);
      });
    const none = function* (): Generator<Buffer> {};
    expect(await ask(['content-type: image/png', `content-length: ${large}`], none)).toMatch(
      /LIMIT_EXCEEDED/,
    );
    const chunked = function* (): Generator<Buffer> {
      const part = Buffer.alloc(1024 * 1024, 1);
      for (let i = 0; i < 21; i++)
        yield Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
    };
    expect(await ask(['content-type: image/png', 'transfer-encoding: chunked'], chunked)).toMatch(
      /LIMIT_EXCEEDED/,
    );
  });

  test('G-4 a file is seen by whoever uploaded it, and by those of the division of its case', async () => {
    const { sha256 } = await upload(unique(), 'application/pdf');
    expect((await download(sha256, worker)).status).toBe(200);
    expect((await download(sha256, county)).status).toBe(404);
    await h.report({ reporter: null, attachments: [{ sha256, name: 'a.pdf' }] });
    expect((await download(sha256, county)).status).toBe(200);
    expect((await download(sha256, auditor)).status).toBe(200);
    for (const as of [
      { ...townOperator, division: OTHER_TOWN },
      { ...county, roles: ['LIST_EDITOR'] },
    ]) {
      expect((await download(sha256, as)).status).toBe(404);
    }
    for (const name of ['0'.repeat(64), 'x', '..%2f..%2fkeys.db'])
      expect((await download(name, county)).status).toBe(404);
  });
});

const REPORT = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }';

describe('in reports', () => {
  test('G-4 a report names files that are there, with a name, at most twenty', async () => {
    const { sha256 } = await upload(unique(), 'application/pdf');
    const ask = (attachments: object[]) =>
      h.fault(REPORT, { input: reportInput({ reporter: null, attachments }) }, townOperator);
    expect(await ask([{ sha256: 'a'.repeat(64), name: 'x' }])).toMatchObject({
      code: 'NOT_FOUND',
      rule: 'G-4',
    });
    expect(await ask([{ sha256: '../x', name: 'x' }])).toMatchObject({ code: 'NOT_FOUND' });
    for (const name of ['', ' ', 'a/b', 'x'.repeat(201)]) {
      expect(await ask([{ sha256, name }])).toMatchObject({
        code: 'INVALID_INPUT',
        field: 'attachments[0].name',
      });
    }
    const many = Array.from({ length: 21 }, () => ({ sha256, name: 'x' }));
    expect(await ask(many)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test('G-4 files that no case names go after a day, also after a restart; named ones stay', async () => {
    const [orphan, named, again] = [
      await upload(unique(), 'application/pdf'),
      await upload(unique(), 'application/pdf'),
      unique(),
    ];
    const revived = await upload(again, 'application/pdf');
    await h.report({ reporter: null, attachments: [{ sha256: named.sha256, name: 'a.pdf' }] });
    await h.restart();
    await h.travelTo(new Date(Date.now() + 25 * 3_600_000).toISOString());
    const left = (await blobs()).join();
    expect(left).not.toContain(orphan.sha256);
    expect(left).not.toContain(revived.sha256);
    expect(left).toContain(named.sha256);
    const attachments = [{ sha256: orphan.sha256, name: 'a.pdf' }];
    expect(
      await h.fault(REPORT, { input: reportInput({ reporter: null, attachments }) }, townOperator),
    ).toMatchObject({ code: 'NOT_FOUND' });
    expect((await download(orphan.sha256, worker)).status).toBe(404);

    expect((await upload(again, 'application/pdf')).sha256).toBe(revived.sha256);
    expect((await download(revived.sha256, worker)).content.equals(again)).toBe(true);
  });

  test('G-4 a personal file is sealed, read for a purpose on record, and erased with its reporter', async () => {
    const photo = png();
    const own = { ...townOperator, subject: 'town' };
    const file = await upload(photo, 'image/png', own, '?personal=true');
    expect(file).toMatchObject({ status: 201, personal: true });
    expect(file.sha256).not.toBe((await upload(photo, 'image/png', own, '?personal=true')).sha256);
    const attachments = [{ sha256: file.sha256, name: '身份证.png' }];
    const input = reportInput({ reporter: { name: '蒋某', phone: '13600004444' }, attachments });
    expect(await h.fault(REPORT, { input }, { ...own, subject: 'another' })).toMatchObject({
      code: 'NOT_PERMITTED',
    });
    const id = (await h.ask(REPORT, { input }, own)).reportCase.case.id;

    expect((await download(file.sha256, own)).status).toBe(422);
    expect((await download(file.sha256, county, '?purpose=核实')).status).toBe(403);
    const { status, content } = await download(
      file.sha256,
      reader,
      `?purpose=${encodeURIComponent('核实身份')}`,
    );
    expect(status).toBe(200);
    expect(content.includes('PIXELS')).toBe(true);
    const acts = `query { personalDataActs(county: "${COUNTY}", case: "${id}") { edges { node { act person purpose by { subject } } } } }`;
    const [act] = (await h.ask(acts, {}, auditor)).personalDataActs.edges;
    expect(act.node).toMatchObject({ act: 'READ', purpose: '核实身份', by: { subject: 'reader' } });

    const erase = `mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { pending } }`;
    await h.ask(erase, { input: { person: act.node.person, change } }, reader);
    expect((await download(file.sha256, reader, '?purpose=核实')).status).toBe(410);
  });
});
