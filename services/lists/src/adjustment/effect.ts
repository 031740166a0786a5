import type { Refusal } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { asPublished, stagedBy } from '../duty-list/adjusted.ts';
import { affectedBy } from '../duty-list/affected.ts';
import { type FieldChange, fieldChanges, type Staged } from '../duty-list/changes.ts';
import { countItems, type Figures } from '../duty-list/figures.ts';
import type { ItemContent } from '../duty-list/item.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { itemsWith, type OpenList } from '../duty-list/state.ts';
import { checkLines, type Line } from './check.ts';

/** What an adjustment would come to on the lists as they are published now: shown before it is decided (L-4). */

export interface ItemEffect {
  code: string;
  name: string;
  kind: 'ADDED' | 'REMOVED' | 'CHANGED';
  changes: FieldChange[];
  successors: string[];
}

export interface ListEffect {
  list: string;
  items: ItemEffect[];
  before: Figures & { edition: number | null };
  after: Figures & { edition: number | null };
}

/** How many items of these lists an organ leads and supports, before and after. */
export interface OrganEffect {
  organ: string;
  ledBefore: number;
  ledAfter: number;
  supportedBefore: number;
  supportedAfter: number;
}

export interface Effect {
  lists: ListEffect[];
  organs: OrganEffect[];
  /** What stands against lines of it by now; their changes are not in the figures. */
  problems: Refusal[];
}

export function effectOf(
  lines: readonly Line[],
  lists: ReadonlyMap<string, OpenList>,
  facts: ReadonlyMap<string, OrganFacts>,
): Effect {
  const effect: Effect = { lists: [], organs: [], problems: [] };
  const concerned = new Set<string>();
  const sides: { before: ItemContent[]; after: ItemContent[] } = { before: [], after: [] };
  for (const [id, state] of lists) {
    const list = asPublished(state);
    const own = lines.filter((line) => line.list === id);
    const { events, problems } = checkLines(own, list, facts);
    effect.problems.push(...problems);
    const staged = IMap(events.map((event): [string, Staged] => [event.data.code, stagedBy(event)]));
    const [before, after] = [itemsWith(list, IMap()), itemsWith(list, staged)];
    const items = [...staged].map(([code, change]) => itemEffect(code, change, before, after));
    for (const code of staged.keys()) {
      for (const organ of affectedBy(before.get(code) ?? null, after.get(code) ?? null)) concerned.add(organ);
    }
    sides.before.push(...before.values());
    sides.after.push(...after.values());
    effect.lists.push({
      list: id,
      items: items.sort((a, b) => (a.code < b.code ? -1 : 1)),
      before: countItems(state.head, before.values(), state.editions.length || null),
      after: countItems(state.head, after.values(), null),
    });
  }
  const led = countBy((item) => item.leads);
  const supported = countBy((item) => item.cooperators);
  const [ledBefore, ledAfter] = [led(sides.before), led(sides.after)];
  const [supportedBefore, supportedAfter] = [supported(sides.before), supported(sides.after)];
  effect.organs = [...concerned].sort().map((organ) => ({
    organ,
    ledBefore: ledBefore.get(organ) ?? 0,
    ledAfter: ledAfter.get(organ) ?? 0,
    supportedBefore: supportedBefore.get(organ) ?? 0,
    supportedAfter: supportedAfter.get(organ) ?? 0,
  }));
  return effect;
}

function itemEffect(
  code: string,
  change: Staged,
  before: Map<string, ItemContent>,
  after: Map<string, ItemContent>,
): ItemEffect {
  const [was, is] = [before.get(code) ?? null, after.get(code) ?? null];
  return {
    code,
    name: (is ?? was)?.name ?? '',
    kind: !was ? 'ADDED' : !is ? 'REMOVED' : 'CHANGED',
    changes: fieldChanges(was, is),
    successors: (change.change === 'RETIRE' && change.successors) || [],
  };
}

const countBy =
  (duties: (item: ItemContent) => readonly { organ: string }[]) =>
  (items: readonly ItemContent[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const item of items) {
      for (const { organ } of duties(item)) counts.set(organ, (counts.get(organ) ?? 0) + 1);
    }
    return counts;
  };
