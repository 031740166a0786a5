import { isBlank, nameKey } from '@dutyledger/tables/text';
import type { OrganDuty } from '../duty-list/item.ts';
import type { CellPiece, OrganResolver, ResolvedOrgan } from './organ-resolver.ts';
import { splitDuties, withoutNumbering } from './organ-split.ts';

/** Organs of a cell with their duties, and what the reader should know of how they were matched. */
export interface CellDuties {
  entries: NamedDuty[];
  unresolved: string[];
  /** The duties could not be matched to the organs one by one: all of the text stands with the first. */
  unmatched: boolean;
}

/** `text` is the name as the cell writes it. */
export interface NamedDuty extends OrganDuty {
  text: string;
  entrusted: boolean;
}

const entry = (piece: CellPiece, organ: ResolvedOrgan, duty: string | null): NamedDuty => ({
  organ: organ.id,
  name: organ.name,
  level: organ.level,
  duty,
  text: piece.text,
  entrusted: piece.entrusted,
});

/**
 * Organs in one cell and duties in another (`a;b` and `x;y`). Equal counts are matched in order; a single duty is that
 * of each organ; a duty that begins with an organ's name is that organ's. Otherwise the whole text stands with the
 * first organ and `unmatched` says so.
 */
export function readDuties(organs: string, duties: string, resolver: OrganResolver): CellDuties {
  if (isBlank(organs)) return { entries: [], unresolved: [], unmatched: false };
  const { pieces, unresolved } = resolver.resolveCell(organs);
  const { texts, matched } = dutiesByPart(pieces, isBlank(duties) ? '' : duties.trim());
  const entries = pieces.flatMap((piece, i) =>
    piece.organs.map((organ) => entry(piece, organ, texts[i] || null)),
  );
  return { entries: mergeRepeated(entries), unresolved, unmatched: !matched };
}

/** In a cell of several parts the duties belong to the parts, otherwise to the names of its only part. */
function dutiesByPart(pieces: readonly CellPiece[], text: string): { texts: string[]; matched: boolean } {
  const parts = new Map(pieces.map((piece) => [piece.part, piece]));
  if (parts.size === 1) return dutiesOf(pieces, text);
  const { texts, matched } = dutiesOf([...parts.values()], text);
  const ofPart = new Map([...parts.keys()].map((part, i) => [part, texts[i] ?? '']));
  return { texts: pieces.map((piece) => ofPart.get(piece.part) ?? ''), matched };
}

function dutiesOf(pieces: readonly CellPiece[], text: string): { texts: string[]; matched: boolean } {
  if (text === '' || pieces.length === 1) return { texts: pieces.map(() => text), matched: true };
  const parts = splitDuties(text);
  if (parts.length === 1) return { texts: pieces.map(() => text), matched: true };
  if (parts.length === pieces.length) return { texts: parts.map(noneIfBlank), matched: true };
  const named = byName(pieces, parts);
  if (named) return { texts: named, matched: true };
  return { texts: pieces.map((_, i) => (i === 0 ? text : '')), matched: false };
}

const noneIfBlank = (text: string): string => (isBlank(text) ? '' : text);

/** Fewer duties than organs: those that begin with a name go to it, one that is left goes to all others. */
function byName(pieces: readonly CellPiece[], parts: readonly string[]): string[] | null {
  const texts = pieces.map(() => '');
  const left: string[] = [];
  for (const part of parts) {
    const owner = pieces.findIndex((piece, i) => texts[i] === '' && startsWithName(part, piece.text));
    if (owner < 0) left.push(part);
    else texts[owner] = part;
  }
  if (left.length > 1 || left.length === parts.length) return null;
  return texts.map((text) => text || (left[0] ?? ''));
}

const TOWNS = /^(乡镇|镇街|街镇|镇|街道|乡)/;

const startsWithName = (duty: string, name: string): boolean =>
  duty.startsWith(name) || (TOWNS.test(duty) && TOWNS.test(name));

/** One organ under two names of the cell has both duties. */
function mergeRepeated(entries: readonly NamedDuty[]): NamedDuty[] {
  const merged = new Map<string, NamedDuty>();
  for (const each of entries) {
    const before = merged.get(each.organ);
    if (!before) merged.set(each.organ, { ...each });
    else before.duty = joinDuties(before.duty, each.duty);
  }
  return [...merged.values()];
}

function joinDuties(a: string | null, b: string | null): string | null {
  if (a === null || b === null || a === b) return a ?? b;
  return `${a}\n${b}`;
}

/** Further lines of one item (merged cells): the same organ again adds its duty. */
export const mergeDuties = (parts: readonly NamedDuty[][]): NamedDuty[] => mergeRepeated(parts.flat());

const ORGAN_ENDING =
  /(局|委|办|部|部门|机关|政府|中心|街道|办事处|镇|乡|站|所|队|公司|机构|委员会|单位)(等|[)\uff09])?$/;

/** Matters withdrawn upward are listed as "承接部门:区民政局 工作方式:…" (2025). */
const LABELLED =
  /^\s*(?:承接|收回|责任|牵头|办理)?(?:部门|单位|机构)[:\uff1a]\s*(.+?)[\s;\uff1b。]*(?:工作|履职|承接|办理)方式[:\uff1a]\s*(.*)$/s;

/** Organs and duties in one cell: "区公安局:负责…" in lines or after semicolons, or "区公安局(负责…)". */
export function readCombined(text: string, resolver: OrganResolver): CellDuties {
  if (isBlank(text)) return { entries: [], unresolved: [], unmatched: false };
  const labelled = LABELLED.exec(text);
  if (labelled) return readDuties(labelled[1] ?? '', labelled[2] ?? '', resolver);
  const entries: NamedDuty[] = [];
  const unresolved: string[] = [];
  let current: { organs: string; duty: string } | null = null;
  const finish = () => {
    if (current === null) return;
    const found = readDuties(current.organs, '', resolver);
    const duty = current.duty.replace(/[\s;\uff1b]+$/, '').trim() || null;
    entries.push(...found.entries.map((each) => ({ ...each, duty })));
    unresolved.push(...found.unresolved);
  };
  for (const segment of text.split(/(?<=[\n;\uff1b])/)) {
    const next = combinedSegment(segment, resolver, current === null);
    if (next) {
      finish();
      current = next;
    } else if (current !== null) {
      current.duty += segment;
    }
  }
  finish();
  return { entries: mergeRepeated(entries), unresolved, unmatched: false };
}

/** A segment that begins with organs; null when it goes on with the duty before it. */
function combinedSegment(
  segment: string,
  resolver: OrganResolver,
  first: boolean,
): { organs: string; duty: string } | null {
  const whole = withoutNumbering(segment).trimStart();
  const line = whole.replace(/[\s;\uff1b]+$/, '');
  if (line === '') return null;
  const known = (name: string) => resolver.resolveCell(name).unresolved.length === 0;
  const colon = /^([^:\uff1a]{2,60})[:\uff1a]\s*(.*)$/s.exec(whole);
  if (colon) {
    const [, organs = '', duty = ''] = colon;
    return first || known(organs) || ORGAN_ENDING.test(organs) ? { organs, duty } : null;
  }
  const bracket = /^([^(\uff08]{2,40})[(\uff08](.{4,})[)\uff09]$/s.exec(line);
  if (bracket?.[1] && known(bracket[1])) return { organs: bracket[1], duty: bracket[2] ?? '' };
  const isName = line.length <= 60 && (known(line) || (ORGAN_ENDING.test(line) && line.length <= 20));
  return first || isName ? { organs: line, duty: '' } : null;
}

const GENERIC = /(行政)?(主管|管理|监督管理|监管)?(部门|机关|机构|单位|局)?(等)?$/;
const stem = (text: string): string => nameKey(text).replace(GENERIC, '');

/** 区公安局 and 公安机关 are the same name, 城乡规划部门 and 国土部门 are not. */
function sameName(a: string, b: string): boolean {
  const [one, other] = [stem(a), stem(b)];
  return one.endsWith(other) || other.endsWith(one);
}

export interface Sides {
  leads: OrganDuty[];
  cooperators: OrganDuty[];
  /** Organs that stood on both sides under different names and were put on the lead's side. */
  folded: string[];
}

const plainEntry = ({ organ, name, level, duty }: NamedDuty): OrganDuty => ({ organ, name, level, duty });

/**
 * Leads and cooperators of an item. An entrusted organ cooperates: who entrusts stays responsible (行政许可法 art. 24).
 * Two names of the file that are one organ today (城乡规划主管部门 and 国土资源主管部门) would make it lead and cooperator at
 * once: its duties are joined under the lead. The same name on both sides is left to be refused (L-2).
 */
export function takeSides(leadEntries: readonly NamedDuty[], cooperatorEntries: readonly NamedDuty[]): Sides {
  const entrusted = leadEntries.filter((each) => each.entrusted);
  const leads = leadEntries.filter((each) => !each.entrusted);
  const cooperators = [...cooperatorEntries];
  for (const each of entrusted) {
    const known = [...leads, ...cooperators].some((other) => other.organ === each.organ);
    if (!known) cooperators.push({ ...each, duty: each.duty ?? '受委托' });
  }
  const folded: string[] = [];
  const left = cooperators.filter((each) => {
    const lead = leads.find((other) => other.organ === each.organ);
    if (!lead || sameName(lead.text, each.text)) return true;
    lead.duty = joinDuties(lead.duty, each.duty);
    folded.push(lead.name);
    return false;
  });
  return { leads: leads.map(plainEntry), cooperators: left.map(plainEntry), folded };
}
