/** Elements of SVG as text. Nothing but what is built here gets into a picture: names and numbers are escaped. */

/** Text that was escaped, or made of escaped parts. */
export type Markup = string & { readonly markup: unique symbol };

type Attributes = Record<string, string | number>;

export function element(name: string, attributes: Attributes, content: readonly Markup[] = []): Markup {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? rounded(value) : value)}"`)
    .join('');
  return (
    content.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${content.join('')}</${name}>`
  ) as Markup;
}

export const textNode = (text: string): Markup => escaped(text) as Markup;

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => shown(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');

/**
 * What of a text can be shown: no characters that XML forbids (controls, unpaired surrogates), and none that would
 * turn the direction of what stands beside it.
 */
function shown(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '')
  );
}
