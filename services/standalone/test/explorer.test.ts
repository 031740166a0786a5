import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Standalone, startStandalone } from '../src/standalone.ts';
import { ready } from './harness.ts';

/** The explorer page in a real browser. Needs Chromium: CHROMIUM_PATH, or where distributions put it. */

const PATIENCE_MS = 120_000;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = [process.env['CHROMIUM_PATH'] ?? '', ...PLACES].find(
  (path) => path && existsSync(path),
);

describe.skipIf(!executablePath)(
  `explorer in Chromium${executablePath ? '' : ' (skipped: no Chromium found, set CHROMIUM_PATH)'}`,
  () => {
    let folder: string;
    let node: Standalone;
    let browser: Browser;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dutyledger-explorer-'));
      node = await startStandalone({
        dataDir: join(folder, 'data'),
        host: '127.0.0.1',
        port: 0,
        production: false,
        logLevel: 'silent',
        identity: { kind: 'development' },
      });
      await ready(node.url);
      browser = await chromium.launch({
        ...(executablePath && { executablePath }),
        timeout: PATIENCE_MS,
        // Chromium writes to the user's folders even with a profile of its own.
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-component-update',
        ],
      });
    });
    afterAll(async () => {
      await browser?.close();
      await node?.stop();
      // Helpers of the browser may still be writing.
      await rm(folder, { recursive: true, maxRetries: 10 });
    });

    test('shows the first query, runs it with the token filled in, and asks no other host for anything', async () => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(PATIENCE_MS);
      const foreign: string[] = [];
      const faults: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(node.url) && !/^(blob|data):/.test(request.url()))
          foreign.push(request.url());
      });
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(`${node.url}/`);
      await page.getByRole('button', { name: /execute/i }).click();
      await page.locator('.result-window').getByText('章丘区').first().waitFor();
      expect(await page.title()).toContain('责任账本');
      const shown = process.env['EXPLORER_SCREENSHOT'];
      if (shown) await page.screenshot({ path: shown });
      expect({ foreign, faults }).toEqual({ foreign: [], faults: [] });
    });
  },
);
