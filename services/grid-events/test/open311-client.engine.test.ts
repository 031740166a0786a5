import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOWN } from './harness.ts';
import { JURISDICTION, KEYS, startOpen311 } from './open311-harness.ts';
import { county, type PersonalHarness } from './personal-harness.ts';

/** Clients that nobody here wrote, from PyPI: civicbot (MIT) lists, posts and reads; georeport (Apache 2.0) reads both formats. */

const CLIENTS = ['civicbot==0.4.0', 'georeport==0.3.1'];
const SCRIPT = fileURLToPath(new URL('open311-client.py', import.meta.url));

const run = promisify(execFile);

/** A Python with the clients; or why there is none. */
async function pythonWithClients(folder: string): Promise<{ python: string } | { missing: string }> {
  const python = join(folder, 'bin', 'python');
  const options = { timeout: 200_000, killSignal: 'SIGKILL' } as const;
  try {
    await run('python3', ['-m', 'venv', folder], options);
    const patience = ['--retries', '1', '--timeout', '20', '--disable-pip-version-check'];
    await run(python, ['-m', 'pip', 'install', '--quiet', ...patience, ...CLIENTS], options);
    return { python };
  } catch (error) {
    const told = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    return { missing: `${CLIENTS.join(', ')} cannot be installed: ${told || (error as Error).message}` };
  }
}

const folder = await mkdtemp(join(tmpdir(), 'open311-clients-'));
const found = await pythonWithClients(folder);
afterAll(() => rm(folder, { recursive: true }));

if ('missing' in found) test.skip(`Open311 clients of others: ${found.missing}`, () => {});
else {
  describe('Open311 clients of others', () => {
    let h: PersonalHarness;
    beforeAll(async () => {
      h = await startOpen311();
    });
    afterAll(() => h.end());

    test('list services, post a request and read it, in JSON and XML', async () => {
      const args = [SCRIPT, `${h.url}/open311/v2`, JURISDICTION, KEYS.app];
      const { stdout } = await run(found.python, args, { env: { ...process.env, NO_PROXY: '*' } });
      const { id, services, token, read, open, json, xml } = JSON.parse(stdout);
      expect(services).toContainEqual(
        expect.objectContaining({ service_code: '0207', service_name: '水污染' }),
      );
      expect(token).toEqual([{ service_request_id: id, token: id }]);
      const seen = {
        service_request_id: id,
        status: 'open',
        service_code: '0207',
        lat: 28.951,
        long: 119.051,
      };
      expect(read).toMatchObject(seen);
      expect(open).toEqual([read]);
      expect(json.request).toEqual(read);
      expect(xml.request).toMatchObject({ ...seen, lat: '28.951', long: '119.051', description: null });
      expect(xml.services.map((each: { service_code: string }) => each.service_code)).toEqual(
        json.services.map((each: { service_code: string }) => each.service_code),
      );
      expect(xml.definition.attributes.attribute.values.value).toContainEqual({ key: TOWN, name: '高家镇' });

      const query =
        'query ($id: ID!) { case(id: $id) { description address gridId reporter { name phone } } }';
      expect((await h.ask(query, { id: `case:${id}` }, county)).case).toEqual({
        description: '河水发黑 <臭> & 有鱼死亡\nmedia_url: https://pic.example.cn/1.jpg',
        address: '盈川村口',
        gridId: expect.stringMatching(/^grid:330803-/),
        reporter: { name: '欧***', phone: '138****4321' },
      });
    });
  });
}
