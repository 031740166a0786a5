import { hash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type BlobStore, BlobStoreError, isDigest } from '@dutyledger/blobs/blob-store';
import type { Refusal } from '@dutyledger/event-store/decider';
import { type CommandContext, handleCommand } from '@dutyledger/event-store/handle-command';
import { KeyStoreError } from '@dutyledger/personal-data/key-store';
import type { Vault } from '@dutyledger/personal-data/vault';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import { refusedAnswer } from '@dutyledger/subgraph-kit/endpoint';
import {
  type ErrorCode,
  HTTP_STATUS,
  limitExceeded,
  RefusedError,
  refusalError,
  unwrap,
} from '@dutyledger/subgraph-kit/errors';
import type { HttpOptions } from '@dutyledger/subgraph-kit/http';
import type { Caller, CallerVerifier, Role } from '@dutyledger/subgraph-kit/identity';
import { correlationIdOf, type Headers, header, localeOf } from '@dutyledger/subgraph-kit/request-context';
import { answerBeforeBody } from '@dutyledger/subgraph-kit/unread-body';
import type { GridEvents } from '../context.ts';
import { purposeMissing } from '../reporter/refusals.ts';
import { attachment, attachmentStream, type KnownFile, type NamedIn } from './attachment.ts';
import { claimedType, type MediaType, typeProblem } from './kind.ts';
import { withoutMetadata } from './metadata.ts';
import { attachments } from './read-model.ts';
import { erasedFile, noStore, notThere, storeAway } from './refusals.ts';
import { slots } from './slots.ts';

/**
 * Files over HTTP (G-4), beside the graph, with the same tokens:
 *
 *     POST /attachments[?personal=true]   the bytes, with their content-type → 201 {sha256, mediaType, bytes, personal}
 *     GET /attachments/<sha256>[?purpose=…]   the bytes, never to be shown inside a page
 *
 * A personal file is sealed with a key of its own and is read for a stated purpose, on record.
 */

/** Most bytes of a file; at most `AT_ONCE` are in memory at a time, others wait before they are read. */
const MAX_BYTES = 20 * 1024 * 1024;
const AT_ONCE = 4;
/** How long a file may wait for its case. */
const KEPT_MS = 24 * 3_600_000;
const MOST_PURPOSE = 500;
/** What was erased is not coming back: told apart from what never was. */
const GONE = 410;

const UPLOADERS: readonly Role[] = [
  'GRID_WORKER',
  'TOWN_OPERATOR',
  'COUNTY_OPERATOR',
  'DEPARTMENT_OFFICER',
  'INTEGRATOR',
];
const READERS: readonly Role[] = [
  'GRID_WORKER',
  'TOWN_OPERATOR',
  'COUNTY_OPERATOR',
  'DEPARTMENT_OFFICER',
  'INSPECTOR',
  'AUDITOR',
  'PERSONAL_DATA_READER',
];
const PERSONAL_READERS: readonly Role[] = ['PERSONAL_DATA_READER', 'TOWN_OPERATOR'];

const EXTENSIONS: Record<MediaType, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'application/pdf': 'pdf',
  'video/mp4': 'mp4',
  'audio/mpeg': 'mp3',
};

interface Files {
  grid: GridEvents;
  blobs: BlobStore;
  now: () => Date;
}

interface Call {
  caller: Caller;
  correlationId: string;
}

type Routes = NonNullable<HttpOptions['routes']>;
type Given = Record<string, unknown>;

const roleOf = ({ roles }: Caller, allowed: readonly Role[]): Role => {
  const role = roles.find((held) => allowed.includes(held));
  if (role) return role;
  throw refusalError({
    code: 'NOT_PERMITTED',
    rule: 'G-4',
    message: {
      en: `Your role (${roles.join(', ')}) may not do this; roles that may: ${allowed.join(', ')}.`,
      'zh-CN': `您的角色（${roles.join('、')}）无权执行此操作；可用角色：${allowed.join('、')}。`,
    },
  });
};

function contextOf({ caller, correlationId }: Call, role: Role, reason: string, now: Date): CommandContext {
  const commandId = randomUUID();
  const { subject, name, organ, division } = caller;
  return {
    commandId,
    actor: { subject, name, organ, role },
    reason,
    basis: [{ title: 'DutyLedger domain rules', article: 'G-4' }],
    correlationId,
    causationId: commandId,
    division,
    effectiveAt: chinaDate(now.toISOString()),
  };
}

const tooLarge = (bytes: number): Refusal =>
  limitExceeded({ en: 'bytes of a file', 'zh-CN': '文件的字节数' }, MAX_BYTES, bytes, 'content');

/** The whole body; refused as soon as it is known to be too long. */
async function bytesOf(body: Readable, length: string | undefined): Promise<Buffer> {
  if (Number(length) > MAX_BYTES) throw refusalError(tooLarge(Number(length)));
  const parts: Buffer[] = [];
  let bytes = 0;
  // What is left of a body that is not wanted is the answer's to deal with.
  for await (const part of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw refusalError(tooLarge(bytes));
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The bytes that are kept, and the key that they are sealed with. */
async function sealed(
  vault: Vault | null,
  plain: Buffer,
  personal: boolean,
): Promise<{ kept: Buffer; key: string | null }> {
  if (!personal) return { kept: plain, key: null };
  if (vault === null) throw refusalError(noStore);
  const key = await vault.keyFor(`file:${randomUUID()}`, null);
  const kept = await vault.sealBytes(key, plain);
  if (kept === undefined) throw refusalError(erasedFile);
  return { kept, key };
}

async function upload(files: Files, call: Call, body: Readable, headers: Headers, personal: boolean) {
  const role = roleOf(call.caller, UPLOADERS);
  const claimed = claimedType(header(headers, 'content-type'));
  if (typeof claimed !== 'string') throw refusalError(claimed);
  const content = await bytesOf(body, header(headers, 'content-length'));
  const problem = await typeProblem(content, claimed);
  if (problem) throw refusalError(problem);
  const plain = withoutMetadata(content, claimed);
  const { kept, key } = await sealed(files.grid.vault, plain, personal);
  const now = files.now();
  const file = {
    sha256: hash('sha256', kept),
    mediaType: claimed,
    bytes: plain.length,
    key,
    by: call.caller.subject,
    until: new Date(now.getTime() + KEPT_MS).toISOString(),
  };
  const scope = contextOf(call, role, '上传附件', now);
  // On record first: bytes without a record would never be swept.
  const stream = attachmentStream(file.sha256);
  const stored = await handleCommand(files.grid.commands, attachment, stream, { type: 'Store', file }, scope);
  unwrap(stored);
  await files.blobs.put(kept);
  return { sha256: file.sha256, mediaType: claimed, bytes: plain.length, personal };
}

/**
 * The case through which the caller may see the file; null for the one who uploaded it, who sees it no more once it was
 * erased from a case. Throws NOT_FOUND otherwise: as erased, to those who might have seen it.
 */
function seenThrough({ caller }: Call, { status, file, cases, erased }: KnownFile): NamedIn | null {
  const reads = caller.roles.some((role) => READERS.includes(role));
  const within = ({ division }: { division: string }): boolean => reads && mayActIn(caller, division);
  const through = cases.find(within);
  if (through) return through;
  const own = file.by === caller.subject && file.key === null;
  if (own && (status === 'STORED' || erased.length === 0)) return null;
  throw refusalError(own || erased.some(within) ? erasedFile : notThere);
}

async function download(files: Files, call: Call, sha256: string, purpose: unknown) {
  const row = isDigest(sha256) ? await files.grid.projections.documents(attachments).get(sha256) : undefined;
  if (!row || row.status === 'SWEPT' || row.status === 'DELETED') throw refusalError(notThere);
  const through = seenThrough(call, row);
  const { mediaType, bytes, key } = row.file;
  const found = await files.blobs.get(sha256);
  if (!found) throw refusalError(notThere);
  if (key === null) return { mediaType, bytes, content: found.content };
  const sealedBytes = await buffer(found.content);
  const plain = await files.grid.vault?.openBytes(key, sealedBytes);
  if (plain === undefined) throw refusalError(files.grid.vault ? erasedFile : noStore);
  if (through) await recordReading(files, call, sha256, through, purpose);
  return { mediaType, bytes, content: plain };
}

async function recordReading(
  files: Files,
  call: Call,
  sha256: string,
  through: NamedIn,
  given: unknown,
): Promise<void> {
  const purpose = typeof given === 'string' ? given.trim() : '';
  const fit = purpose.length >= 2 && purpose.length <= MOST_PURPOSE && !/\p{Cc}/u.test(purpose);
  if (!fit) throw refusalError(purposeMissing(MOST_PURPOSE));
  const role = roleOf(call.caller, PERSONAL_READERS);
  const scope = { ...contextOf(call, role, purpose, files.now()), division: through.division };
  const command = { type: 'Read' as const, in: through, purpose };
  unwrap(await handleCommand(files.grid.commands, attachment, attachmentStream(sha256), command, scope));
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof RefusedError) return error.refusal;
  const away =
    error instanceof BlobStoreError
      ? error.code !== 'DAMAGED'
      : error instanceof KeyStoreError && error.code !== 'CORRUPT';
  return away ? storeAway : undefined;
}

/** The routes for an HTTP server whose callers `verifier` knows. */
export function attachmentRoutes(grid: GridEvents, now: () => Date, verifier: CallerVerifier): Routes {
  const slot = slots(AT_ONCE);
  return (app) => {
    void app.register(async (scope) => {
      // The handler reads the body itself; nothing is read before the token is checked.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
      const called = async (headers: Headers): Promise<Call> => {
        const { caller } = unwrap(await verifier.verify(header(headers, 'authorization')));
        return { caller, correlationId: correlationIdOf(header(headers, 'x-correlation-id')) };
      };
      const files = (): Files => {
        if (grid.blobs === null) throw refusalError(noStore);
        return { grid, blobs: grid.blobs, now };
      };
      scope.setErrorHandler(async (error, request, reply) => {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        const { headers } = request;
        const correlationId = correlationIdOf(header(headers, 'x-correlation-id'));
        const answer = refusedAnswer(refusal, {
          locale: localeOf(headers['accept-language']),
          correlationId,
        });
        const status = refusal === erasedFile ? GONE : HTTP_STATUS[refusal.code as ErrorCode];
        if (request.raw.complete) return reply.code(status).send(answer);
        const text = Buffer.from(JSON.stringify(answer));
        return reply
          .code(status)
          .type('application/json; charset=utf-8')
          .header('connection', 'close')
          .header('content-length', text.length)
          .send(Readable.from(answerBeforeBody([text], request.raw)));
      });
      scope.post('/attachments', { bodyLimit: MAX_BYTES * 2 }, async (request, reply) => {
        const call = await called(request.headers);
        const personal = (request.query as Given)['personal'] === 'true';
        const body = (request.body ?? request.raw) as Readable;
        const given = await slot(() => upload(files(), call, body, request.headers, personal));
        return reply.code(201).header('cache-control', 'no-store').send(given);
      });
      scope.get('/attachments/:sha256', async (request, reply) => {
        const call = await called(request.headers);
        const { sha256 } = request.params as { sha256: string };
        const { purpose } = request.query as Given;
        const { mediaType, bytes, content } = await download(files(), call, sha256, purpose);
        const name = `${sha256.slice(0, 16)}.${EXTENSIONS[mediaType as MediaType]}`;
        return reply
          .type(mediaType)
          .header('content-length', bytes)
          .header('content-disposition', `attachment; filename="${name}"`)
          .header('content-security-policy', "sandbox; default-src 'none'")
          .header('cache-control', 'private, no-store')
          .send(content);
      });
    });
  };
}
