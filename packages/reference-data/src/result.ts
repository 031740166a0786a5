/** Text shown to people, in both languages of the product. */
export interface Text {
  'zh-CN': string;
  en: string;
}

/** Why a text is not what it should be: a stable code and an explanation that names the value at fault. */
export interface Problem<Code extends string = string> {
  code: Code;
  message: Text;
}

/** The outcome of reading text that people or other systems wrote. */
export type Result<Value, Code extends string = string> =
  | { ok: true; value: Value }
  | { ok: false; error: Problem<Code> };

export const ok = <Value>(value: Value): { ok: true; value: Value } => ({ ok: true, value });

export const fail = <Code extends string>(
  code: Code,
  zh: string,
  en: string,
): { ok: false; error: Problem<Code> } => ({ ok: false, error: { code, message: { 'zh-CN': zh, en } } });

/** Text of unknown length as it may be repeated in a message: at most 40 characters. */
export const quote = (text: string): string => {
  const characters = Array.from(text.slice(0, 80));
  return characters.length > 40 ? `${characters.slice(0, 40).join('')}…` : characters.join('');
};
