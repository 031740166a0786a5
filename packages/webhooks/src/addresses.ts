import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Where messages may be sent: to public addresses over https. Whoever registers an endpoint must not make this server
 * speak to what only this server can reach (loopback, private networks, metadata services of clouds).
 */

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** What an operator allows beside that, over http as well. */
export interface AllowedTargets {
  hosts: ReadonlySet<string>;
  ranges: readonly Range[];
}

export const NOTHING_ALLOWED: AllowedTargets = { hosts: new Set(), ranges: [] };

const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * Reads `10.20.0.0/16, 192.0.2.7, receiver.intra`: host names, addresses and ranges, separated by commas or blanks.
 * Throws an Error that names the entry which is none of them.
 */
export function readAllowedTargets(text: string): AllowedTargets {
  const hosts = new Set<string>();
  const ranges: Range[] = [];
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    if (isIP(entry)) ranges.push([ipaddr.parse(entry), isIP(entry) === 4 ? 32 : 128]);
    else if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (HOST.test(entry.toLowerCase())) hosts.add(entry.toLowerCase());
    else throw new Error(`not a host name, address or range: ${entry}`);
  }
  return { hosts, ranges };
}

/** An address behind which somebody may be spoken to. What is mapped into IPv6 counts as what it is. */
function mayReach(address: string, { ranges }: AllowedTargets): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return (
    parsed.range() === 'unicast' ||
    ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits))
  );
}

const LOCAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)$/;

export type UrlProblem = 'NOT_A_URL' | 'NOT_HTTPS' | 'CREDENTIALS' | 'FRAGMENT' | 'PRIVATE';

/** Host of a URL, without the brackets of IPv6 and the dot at the end of a full name. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/**
 * Why nothing can be sent to a URL, as far as the URL alone tells; undefined when it may. What its name stands for is
 * looked at when a connection is made, each time.
 */
export function urlProblem(text: string, allowed: AllowedTargets): UrlProblem | undefined {
  if (!URL.canParse(text)) return 'NOT_A_URL';
  const url = new URL(text);
  const host = hostOf(url);
  if (host === '' || !/^https?:$/.test(url.protocol)) return 'NOT_HTTPS';
  if (url.username !== '' || url.password !== '') return 'CREDENTIALS';
  if (url.hash !== '') return 'FRAGMENT';
  const named = allowed.hosts.has(host);
  if (isIP(host) ? !mayReach(host, allowed) : LOCAL_NAME.test(host) && !named) return 'PRIVATE';
  const listed = named || (isIP(host) !== 0 && mayReach(host, allowed) && isListed(host, allowed));
  return url.protocol === 'https:' || listed ? undefined : 'NOT_HTTPS';
}

const isListed = (address: string, { ranges }: AllowedTargets): boolean => {
  const parsed = ipaddr.process(address);
  return ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
};

/** The name of a target stands for addresses that may not be spoken to, and for no others. */
export class PrivateAddressError extends Error {
  constructor(host: string) {
    super(`${host} stands for no public address`);
    this.name = 'PrivateAddressError';
  }
}

/**
 * A look-up for connections that hands on only what may be reached: the address that was looked at is the one that is
 * connected to, so that a name cannot stand for something else a moment later.
 */
export const guardedLookup =
  (allowed: AllowedTargets, lookup: typeof systemLookup = systemLookup): LookupFunction =>
  (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const named = allowed.hosts.has(host.toLowerCase().replace(/\.$/, ''));
      const usable = named ? found : found.filter(({ address }) => mayReach(address, allowed));
      const [first] = usable;
      if (first === undefined) return callback(new PrivateAddressError(host), '');
      if (options.all) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
