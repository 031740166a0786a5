/** What one request may ask for. Each is refused with LIMIT_EXCEEDED, the limit and the value. */
export interface Limits {
  /** Levels of nested fields. */
  depth: number;
  /** Fields answered, lists counted at the size asked for. */
  cost: number;
  aliases: number;
  rootFields: number;
  /** Fields written in the document, fragments counted wherever they are spread. */
  fields: number;
  /** Lexical tokens of the document. */
  tokens: number;
  /** Bytes of the request. Import files travel as Base64 inside it, hence the size. */
  bodyBytes: number;
  /** Milliseconds until an answer. */
  timeMs: number;
  /** The same for operations with a root field whose name starts with `import`. */
  importTimeMs: number;
}
