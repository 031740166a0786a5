import { normaliseOrganName, similarity, stripDivisionPrefix } from '@dutyledger/reference-data/organ-names';
import { readOrganPhrase } from '@dutyledger/reference-data/organ-phrase';
import type { OrganLevel } from '../duty-list/item.ts';
import { findOrgan, findWritten, indexOrgans, type OrganCandidate, type OrganIndex } from './organ-index.ts';
import {
  ENUMERATION,
  expandLevels,
  JOINING,
  STRONG,
  splitOutsideBrackets,
  withoutNumbering,
} from './organ-split.ts';

export interface ResolvedOrgan {
  id: string;
  name: string;
  level: OrganLevel;
}

/** One entry of a cell: a single organ mostly, several where the entry enumerates them compactly. */
export interface CellPiece {
  text: string;
  /** Which part of the cell it stands in; line breaks and semicolons make parts. */
  part: number;
  organs: ResolvedOrgan[];
  /** 受委托: acts for another organ, which stays responsible. */
  entrusted: boolean;
}

export interface CellResolution {
  pieces: CellPiece[];
  /** Names that fit no organ, or two equally well. */
  unresolved: string[];
}

export interface NearCandidate {
  id: string;
  name: string;
  similarity: number;
}

export interface OrganResolver {
  /** All organs of a cell (L-11); the answer for a text is always the same and is kept. */
  resolveCell(text: string): CellResolution;
  /** The organ of that id, if a name of it is written so; else the one organ that the name fits. */
  resolveNamed(id: string | null, name: string): ResolvedOrgan | null;
  /** The nearest organs to a name that was not resolved, at most five; those that fit equally come first. */
  nearest(name: string): NearCandidate[];
  /** Names of the given mapping that name no known organ. */
  unknownTargets: string[];
}

/** Names as the file writes them → organ ids or names (several, or null for none). Comes before everything else. */
export type GivenOrgans = Record<string, string | string[] | null>;

type Match = { organs: ResolvedOrgan[] } | null;

const NEAREST = 5;

export function createOrganResolver(
  candidates: readonly OrganCandidate[],
  division: string,
  given: GivenOrgans = {},
): OrganResolver {
  const index = indexOrgans(candidates, division);
  const unknownTargets: string[] = [];
  const targets = new Map<string, ResolvedOrgan[]>();
  for (const [name, target] of Object.entries(given)) {
    const wanted = target === null ? [] : [target].flat();
    const found = wanted.map((each) => ofId(each) ?? single(each));
    wanted.forEach((each, i) => {
      if (!found[i]) unknownTargets.push(each);
    });
    targets.set(
      normaliseOrganName(name),
      found.filter((organ) => organ !== null),
    );
  }
  const cells = new Map<string, CellResolution>();

  function single(name: string): ResolvedOrgan | null {
    return only(findOrgan(index, name));
  }

  function ofId(id: string): ResolvedOrgan | null {
    const organ = index.byId.get(id);
    return organ ? resolved(organ) : null;
  }

  function matchWhole(text: string): Match {
    const mapped = targets.get(normaliseOrganName(text));
    if (mapped) return { organs: mapped };
    const found = single(text);
    if (found) return { organs: [found] };
    const levels = expandLevels(text).map(single);
    return levels.length > 0 && levels.every((organ) => organ !== null) ? { organs: levels } : null;
  }

  /** Whole, or all of what joining words join, or a compact enumeration; null when a part of it stays unknown. */
  function match(text: string): Match {
    const whole = matchWhole(text);
    if (whole) return whole;
    return matchParts(splitOutsideBrackets(text, JOINING)) ?? matchPhrase(text);
  }

  function matchParts(parts: readonly string[]): Match {
    if (parts.length < 2) return null;
    const matches = parts.map(match);
    return matches.every((each) => each !== null) ? { organs: matches.flatMap((each) => each.organs) } : null;
  }

  /** A compact enumeration, if every function and class in it has its organ: 公安自然资源住建等. */
  function matchPhrase(text: string): Match {
    const { groups, classes, rest } = readOrganPhrase(normaliseOrganName(text));
    if (rest !== '' || groups.length + classes.length < 2) return null;
    const found = [
      ...groups.map((group) => index.ofGroups([group], text)),
      ...classes.map((each) => index.ofClass(each)),
    ];
    const organs = found.map(only).filter((organ) => organ !== null);
    return organs.length === found.length ? { organs } : null;
  }

  /** Whole first, then item by item of an enumeration, then what joining words join. */
  function piecesOf(text: string, part: number, unresolved: Set<string>): CellPiece[] {
    const entrusted = /^受委托的?/.test(text);
    const name = withoutNumbering(entrusted ? text.replace(/^受委托的?/, '') : text);
    const listed = splitOutsideBrackets(name, ENUMERATION);
    const found = listed.length > 1 ? matchWhole(name) : match(name);
    if (found && !/受委托/.test(name)) return [{ text, part, organs: distinct(found.organs), entrusted }];
    if (listed.length > 1) return listed.flatMap((each) => piecesOf(each, part, unresolved));
    const joined = splitOutsideBrackets(name, JOINING);
    const inner = new Set<string>();
    const pieces = joined.length > 1 ? joined.flatMap((each) => piecesOf(each, part, inner)) : [];
    // A joining word cuts a name only where that makes at least one part known.
    if (pieces.some((piece) => piece.organs.length > 0)) {
      for (const each of inner) unresolved.add(each);
      return pieces;
    }
    unresolved.add(name);
    return [{ text, part, organs: [], entrusted }];
  }

  function resolveCell(text: string): CellResolution {
    const known = cells.get(text);
    if (known) return known;
    const unresolved = new Set<string>();
    // A name may be broken over lines by the width of its cell.
    const broken = text.includes('\n') ? only(findWritten(index, text)) : null;
    const whole = targets.get(normaliseOrganName(text)) ?? (broken && [broken]);
    const pieces = whole
      ? [{ text, part: 0, organs: whole, entrusted: false }]
      : splitOutsideBrackets(text, STRONG).flatMap((each, part) => piecesOf(each, part, unresolved));
    const resolution = { pieces, unresolved: [...unresolved] };
    cells.set(text, resolution);
    return resolution;
  }

  function resolveNamed(id: string | null, name: string): ResolvedOrgan | null {
    const byId = id === null ? null : ofId(id);
    if (byId) return byId;
    const found = match(name)?.organs;
    return found?.length === 1 ? (found[0] ?? null) : null;
  }

  return { resolveCell, resolveNamed, nearest: (name) => nearest(index, name), unknownTargets };
}

const resolved = ({ id, name, level }: OrganCandidate): ResolvedOrgan => ({ id, name, level });

const only = (found: readonly OrganCandidate[]): ResolvedOrgan | null =>
  found.length === 1 && found[0] ? resolved(found[0]) : null;

function distinct(organs: readonly ResolvedOrgan[]): ResolvedOrgan[] {
  const seen = new Set<string>();
  return organs.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Organs that fit equally well first, then by likeness of the names. */
function nearest(index: OrganIndex, name: string): NearCandidate[] {
  const equal = new Set(findOrgan(index, name));
  const wanted = stripDivisionPrefix(name, index.division);
  return index.live
    .map(({ organ, forms }) => ({
      id: organ.id,
      name: organ.name,
      fits: equal.has(organ) ? 1 : 0,
      similarity: Math.round(Math.max(...forms.map((form) => similarity(form, wanted))) * 100) / 100,
    }))
    .filter((each) => each.fits === 1 || each.similarity > 0)
    .sort((a, b) => b.fits - a.fits || b.similarity - a.similarity || a.name.localeCompare(b.name, 'zh'))
    .slice(0, NEAREST)
    .map(({ id, name, similarity }) => ({ id, name, similarity }));
}
