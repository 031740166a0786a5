import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

/** Whether a stream passes the filter of a request to the stand-in. */
export function matcherOf(filter: ReadReq.Options.FilterOptions | undefined): (stream: string) => boolean {
  const expression = filter?.getStreamIdentifier();
  if (expression === undefined) return () => true;
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (stream) => prefixes.some((prefix) => stream.startsWith(prefix));
  const pattern = new RegExp(expression.getRegex());
  return (stream) => pattern.test(stream);
}
