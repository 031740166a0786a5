import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachmentStream } from '../src/attachment/attachment.ts';
import { pdf } from '../src/attachment/pictures.fixture.ts';
import { COUNTY, change, type Data, OTHER_TOWN, TOWN } from './harness.ts';
import {
  auditor,
  county,
  type PersonalHarness,
  reader,
  startPersonalHarness,
  townOperator,
} from './personal-harness.ts';

/** Erasure of files of cases that no reporter stands behind (G-4; 个人信息保护法 art. 47). */

let h: PersonalHarness;
beforeAll(async () => {
  h = await startPersonalHarness();
});
afterAll(() => h.end());

const otherTown = { ...townOperator, division: OTHER_TOWN, subject: 'other-town' };
const ERASE =
  'mutation ($input: EraseAttachmentInput!) { eraseAttachment(input: $input) { case sha256 destroyed repeated pending } }';

let made = 0;
/** A document that says something no other one says. */
function document() {
  made += 1;
  const said = `%某人的照片第${made}号\n`;
  return { said: Buffer.from(said), content: Buffer.concat([pdf(), Buffer.from(said)]) };
}

async function upload(content: Uint8Array, as: object, query = ''): Promise<string> {
  const headers = { ...(await h.bearer(as)), 'content-type': 'application/pdf' };
  const body = content as Uint8Array<ArrayBuffer>;
  const answer = await fetch(`${h.url}/attachments${query}`, { method: 'POST', headers, body });
  return ((await answer.json()) as Data).sha256;
}

async function download(sha256: string, as: object, language = 'en') {
  const query = `?purpose=${encodeURIComponent('核实身份')}`;
  const headers = { ...(await h.bearer(as)), 'accept-language': language };
  const answer = await fetch(`${h.url}/attachments/${sha256}${query}`, { headers });
  const content = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, content };
}

const named = (sha256: string) => ({
  reporter: null,
  attachments: [{ sha256, name: '张三身份证.pdf' }],
});

const erase = async (of: string, sha256: string, more: object = {}): Promise<Data> =>
  (await h.ask(ERASE, { input: { case: of, sha256, change: { ...change, ...more } } }, reader))
    .eraseAttachment;

const attachmentsOf = async (of: string, as: object = county): Promise<Data> =>
  (await h.ask(`{ case(id: "${of}") { attachments { sha256 name bytes erasedAt } } }`, {}, as)).case
    .attachments;

const actsOn = async (of: string): Promise<Data[]> =>
  (
    await h.ask(
      `{ personalDataActs(county: "${COUNTY}", case: "${of}") { edges { node { act person case file purpose by { subject name } at } } } }`,
      {},
      auditor,
    )
  ).personalDataActs.edges.map(({ node }: Data) => node);

/** Paths of all files below the folder that hold these bytes. */
async function holding(bytes: Buffer): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(h.folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(bytes)) found.push(path);
  }
  return found;
}

async function keyOf(sha256: string): Promise<string> {
  for await (const page of h.events.readStream(attachmentStream(sha256))) {
    for (const { data } of page as Data[]) if (data.key) return data.key;
  }
  throw new Error('the file is not sealed');
}

/** Until the timers that are due have done their work. */
const settled = (): Promise<void> => h.travelTo(new Date().toISOString());

describe('erasure of a file', () => {
  test('G-4 a file of one case goes for good: bytes, name, download; digest and record stay', async () => {
    const { said, content } = document();
    const sha256 = await upload(content, townOperator);
    const id = await h.report(named(sha256));
    expect(await holding(said)).toHaveLength(1);
    expect(await attachmentsOf(id)).toMatchObject([{ sha256, name: '张三身份证.pdf', erasedAt: null }]);

    const asked = { reason: '本人申请删除', idempotencyKey: 'erase-1' };
    expect(await erase(id, sha256, asked)).toMatchObject({
      case: id,
      sha256,
      destroyed: true,
      repeated: false,
    });
    await settled();
    expect(await holding(said)).toEqual([]);
    expect(await attachmentsOf(id)).toEqual([
      { sha256, name: null, bytes: content.length, erasedAt: expect.any(String) },
    ]);
    for (const as of [county, townOperator, reader]) {
      const gone = await download(sha256, as);
      expect(gone.status).toBe(410);
      expect(gone.content.toString()).toContain('has been erased on request');
    }
    expect((await download(sha256, county, 'zh-CN')).content.toString()).toContain('已依申请删除');
    expect((await download(sha256, otherTown)).status).toBe(404);
    expect(await actsOn(id)).toEqual([
      {
        act: 'ERASED',
        person: null,
        case: id,
        file: sha256,
        purpose: '本人申请删除',
        by: { subject: 'reader', name: '孙专员' },
        at: expect.any(String),
      },
    ]);

    const head = await h.events.head();
    expect(await erase(id, sha256, asked)).toMatchObject({ destroyed: true, repeated: true });
    const again = { input: { case: id, sha256, change } };
    expect(await h.fault(ERASE, again, reader)).toMatchObject({ code: 'CONFLICT', rule: 'G-4' });
    expect(await h.inChinese()).toContain('已从本案件删除');
    expect(await h.events.head()).toBe(head);

    expect(await upload(content, townOperator)).toBe(sha256);
    const another = await h.report(named(sha256));
    expect((await download(sha256, townOperator)).content.equals(content)).toBe(true);
    expect((await attachmentsOf(another))[0]).toMatchObject({ name: '张三身份证.pdf', erasedAt: null });
    expect((await attachmentsOf(id))[0]).toMatchObject({ name: null });
  });

  test('G-4 another case keeps the file; through the case it was erased from it is refused', async () => {
    const { said, content } = document();
    const sha256 = await upload(content, townOperator);
    const here = await h.report(named(sha256));
    const there = await h.report({ ...named(sha256), division: OTHER_TOWN }, otherTown);

    expect(await erase(here, sha256)).toMatchObject({ destroyed: false });
    await settled();
    expect((await download(sha256, otherTown)).content.equals(content)).toBe(true);
    expect((await download(sha256, townOperator)).status).toBe(410);
    expect((await attachmentsOf(here))[0].name).toBeNull();
    expect((await attachmentsOf(there, otherTown))[0].name).toBe('张三身份证.pdf');

    expect(await erase(there, sha256)).toMatchObject({ destroyed: true });
    await settled();
    expect(await holding(said)).toEqual([]);
    expect((await download(sha256, otherTown)).status).toBe(410);
  });

  test('G-4 a sealed file loses its key; an older back-up of files brings nothing back; all is told anew from the events', async () => {
    const { content } = document();
    const sha256 = await upload(content, townOperator, '?personal=true');
    const id = await h.report(named(sha256));
    const kept = await h.own.blobs?.get(sha256);
    if (!kept) throw new Error('the file is not there');
    const bytes = await buffer(kept.content);
    expect(await holding(bytes)).toHaveLength(1);
    expect((await download(sha256, reader)).content.equals(content)).toBe(true);
    const key = await keyOf(sha256);
    expect(await h.own.vault?.openBytes(key, bytes)).toBeDefined();
    await erase(id, sha256);
    await settled();
    expect(await holding(bytes)).toEqual([]);
    expect(await h.own.vault?.openBytes(key, bytes)).toBeUndefined();

    await h.own.blobs?.put(bytes);
    await h.restart('read');
    await expect.poll(() => holding(bytes), { timeout: 60_000 }).toEqual([]);
    expect((await download(sha256, reader)).status).toBe(410);
    expect((await attachmentsOf(id))[0]).toMatchObject({ sha256, name: null });
    expect((await actsOn(id)).map(({ act, file }) => [act, file])).toEqual([
      ['ERASED', sha256],
      ['READ', sha256],
    ]);
  });
});

describe('refusals', () => {
  test('G-4 only of a file of the case, in the county, by those who may, for a reason', async () => {
    const sha256 = await upload(document().content, townOperator);
    const elsewhere = await upload(document().content, townOperator);
    const id = await h.report(named(sha256));
    await h.report(named(elsewhere));
    const head = await h.events.head();
    const ask = (input: object, as: object = reader) =>
      h.fault(ERASE, { input: { case: id, sha256, change, ...input } }, as);

    for (const input of [
      { sha256: 'a'.repeat(64) },
      { sha256: '../x' },
      { sha256: elsewhere },
      { case: 'case:330803-0000000000000000' },
    ]) {
      expect(await ask(input)).toMatchObject({ code: 'NOT_FOUND', rule: 'G-4', field: 'sha256' });
    }
    expect(await h.inChinese()).toBe('该案件没有这个附件。');
    for (const division of ['330802000000', TOWN]) {
      expect(await ask({}, { ...reader, division })).toMatchObject({ code: 'NOT_PERMITTED', field: 'case' });
    }
    for (const as of [townOperator, county, auditor]) {
      expect(await ask({}, as)).toMatchObject({ code: 'NOT_PERMITTED' });
    }
    expect(await ask({ change: { ...change, reason: ' ' } })).toMatchObject({ rule: 'EVERY-EVENT' });
    expect(await ask({ change: { ...change, basis: [] } })).toMatchObject({ rule: 'EVERY-EVENT' });
    expect(await h.events.head()).toBe(head);
    expect((await download(sha256, county)).status).toBe(200);
  });
});
