/**
 * What a schema of a version that was published once may still become: consumers of that version, and messages that
 * lie in logs, must go on being valid. Optional fields may be added and descriptions improved; everything else is a
 * new version of the event.
 */

type Json = unknown;
type JsonObject = Record<string, Json>;

const DESCRIPTIVE = new Set(['title', 'description', 'examples', '$comment']);

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The breaking changes from `before` to `after`, one sentence each; empty when there are none. */
export function breakingChanges(before: JsonObject, after: JsonObject, at = '#'): string[] {
  const problems = propertyChanges(before, after, at);
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const keyword of ['properties', ...DESCRIPTIVE]) keywords.delete(keyword);
  for (const keyword of keywords) {
    problems.push(...keywordChanges(keyword, before[keyword], after[keyword], at));
  }
  return problems;
}

/** A field may come; it may not go. A required one that comes is found under the keyword `required`. */
function propertyChanges(before: JsonObject, after: JsonObject, at: string): string[] {
  const [old, now] = [before['properties'] ?? {}, after['properties'] ?? {}] as [JsonObject, JsonObject];
  return Object.entries(old).flatMap(([name, schema]) => {
    const place = `${at}/${name}`;
    return name in now
      ? breakingChanges(schema as JsonObject, now[name] as JsonObject, place)
      : [`${place} was removed`];
  });
}

function keywordChanges(keyword: string, before: Json, after: Json, at: string): string[] {
  if (keyword === 'required') {
    const [old, now] = [before ?? [], after ?? []] as [string[], string[]];
    return [
      ...now.filter((name) => !old.includes(name)).map((name) => `${at}/${name} became required`),
      ...old.filter((name) => !now.includes(name)).map((name) => `${at}/${name} is no longer required`),
    ];
  }
  if (isObject(before) && isObject(after)) return breakingChanges(before, after, at);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => keywordChanges(keyword, item, after[index], at));
  }
  if (before === after) return [];
  const [was, is] = [before, after].map((value) => JSON.stringify(value) ?? 'absent');
  return [`${at}: ${keyword} was ${was} and is ${is}`];
}
