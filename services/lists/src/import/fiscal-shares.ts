import { isBlank, plain } from '@dutyledger/tables/text';
import { type FiscalShare, WHOLE_SHARE } from '../duty-list/item.ts';
import type { Sides } from './duties.ts';
import type { Findings, ReadingContext } from './reading.ts';

/** Shares as a cell writes them; null names are those of a bare ratio, in the order of the organs. */
export type SharesCell =
  | { ok: true; shares: { name: string | null; share: number }[] }
  | { ok: false; reason: 'FORM' | 'SUM'; sum?: number };

const PERCENT =
  /([^\s\d%.,、;:()和]{0,40}?(?:\([^()]{0,40}\))?)\s*(?:财政)?(?:承担|负担|分担|占比|占)?\s*[:为]?\s*(\d+(?:\.\d{1,2})?)\s*%/g;
const RATIO =
  /^(?:按照?)?\s*([^\d:]{0,40}?)\s*(\d+(?:\.\d+)?(?:\s*:\s*\d+(?:\.\d+)?)+)\s*(?:比例)?(?:分担|承担)?$/;

/**
 * "区60%、镇40%", "区级财政承担 62.5%;镇街承担 37.5%", "6:4" or "区镇 6:4". Shares come in hundredths of a percent;
 * percentages must add up to exactly 100 (L-2), a ratio is rounded by largest remainders so that it does.
 */
export function readShares(text: string): SharesCell | null {
  if (isBlank(text)) return null;
  const flat = plain(text)
    .replace(/\s*\n\s*/g, ';')
    .trim();
  const ratio = RATIO.exec(flat);
  if (ratio) return byRatio(ratio[1] ?? '', (ratio[2] ?? '').split(':').map(Number));
  const shares = [...flat.matchAll(PERCENT)].map(([, name = '', percent]) => ({
    name: name === '' ? null : name,
    share: Math.round(Number(percent) * 100),
  }));
  const percents = flat.match(/%/g)?.length ?? 0;
  if (shares.length === 0 || shares.length !== percents) return { ok: false, reason: 'FORM' };
  const sum = shares.reduce((total, { share }) => total + share, 0);
  return sum === WHOLE_SHARE ? { ok: true, shares } : { ok: false, reason: 'SUM', sum };
}

function byRatio(names: string, parts: number[]): SharesCell {
  const total = parts.reduce((sum, part) => sum + part, 0);
  if (!(total > 0) || parts.some((part) => part <= 0)) return { ok: false, reason: 'FORM' };
  const exact = parts.map((part) => (part / total) * WHOLE_SHARE);
  const shares = exact.map(Math.floor);
  const missing = WHOLE_SHARE - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact
    .map((value, i) => ({ i, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, missing)) shares[i] = (shares[i] ?? 0) + 1;
  const letters = [...names.replace(/[\s、和与]/g, '')];
  const named = letters.length === parts.length;
  return {
    ok: true,
    shares: shares.map((share, i) => ({ name: named ? (letters[i] ?? null) : null, share })),
  };
}

/** The shares of an item: each goes to the lead or cooperating organ that its name or level tells. */
export function readFiscal(
  text: string,
  sides: Sides,
  { resolver }: ReadingContext,
  findings: Findings,
): FiscalShare[] {
  const read = readShares(text);
  if (read === null) return [];
  const problem = (cause: { en: string; 'zh-CN': string }): FiscalShare[] => {
    findings.problems.push({ field: 'fiscalShares', value: text, rule: 'L-2', cause });
    return [];
  };
  if (!read.ok) return problem(read.reason === 'SUM' ? wrongSum(read.sum ?? 0) : NO_SHARES);
  const named = [...sides.leads, ...sides.cooperators];
  const organs = read.shares.map(({ name }, i) => {
    if (name === null) return read.shares.length === named.length ? named[i] : undefined;
    const level = /^(区|县|市)(级|本级|财政|级财政)?$/.test(name)
      ? 'county'
      : /^(镇|乡|街|镇街|乡镇|街道|镇级|乡级)(财政|级财政)?$/.test(name)
        ? 'town'
        : null;
    const ofLevel = named.filter((organ) => organ.level === level);
    if (ofLevel.length === 1) return ofLevel[0];
    const id = resolver.resolveNamed(null, name)?.id;
    return named.find((organ) => organ.organ === id);
  });
  const shares = organs.map((organ, i) =>
    organ ? { organ: organ.organ, name: organ.name, share: read.shares[i]?.share ?? 0 } : null,
  );
  return shares.every((share) => share !== null) ? shares : problem(NO_BEARER);
}

const NO_SHARES = {
  en: 'Shares are written as 区60%、镇40% or 6:4.',
  'zh-CN': '占比应写作“区60%、镇40%”或“6:4”。',
};
const NO_BEARER = {
  en: 'It is not clear which lead or cooperating organ bears which share.',
  'zh-CN': '无法确定各占比对应哪个主体或配合责任单位。',
};
const wrongSum = (sum: number) => ({
  en: `Fiscal shares add up to ${sum / 100}%; they must add up to exactly 100%.`,
  'zh-CN': `财权分配占比合计为 ${sum / 100}%，必须正好为 100%。`,
});
