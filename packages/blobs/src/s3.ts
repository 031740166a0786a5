import { hash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { AwsClient } from 'aws4fetch';
import { assertDigest, type BlobStore, BlobStoreError } from './blob-store.ts';
import { checkedAgainst } from './checked.ts';

/** Bounded waiting: the caller tries again. */
const ANSWER_MS = 30_000;
const RETRIES = 3;

/**
 * Opens a blob store in a bucket of S3 or of a server that speaks its protocol:
 * `s3://<key id>:<secret>@<host>[:<port>]/<bucket>[/<prefix>][?region=<region>&tls=false]`. Key id and secret are
 * percent-encoded. The bucket must be there. Throws a TypeError for a URL that is none; BlobStoreError UNAVAILABLE, READ_ONLY.
 */
export async function openS3BlobStore(url: string): Promise<BlobStore> {
  const store = new S3BlobStore(placeOf(url));
  // Says at once when bucket or account are wrong, not at the first upload.
  await store.has(hash('sha256', ''));
  return store;
}

interface Place {
  /** Of the bucket and prefix, with a slash at its end. */
  root: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

function placeOf(url: string): Place {
  const shape = 's3://<key id>:<secret>@<host>/<bucket>';
  if (!URL.canParse(url)) throw new TypeError(`not the URL of a blob store (${shape})`);
  const { protocol, host, pathname, username, password, searchParams } = new URL(url);
  const path = pathname.replace(/^\/+|\/+$/g, '');
  if (protocol !== 's3:' || host === '' || path === '' || username === '' || password === '') {
    throw new TypeError(`not the URL of a blob store: ${protocol}//${host}/${path} (${shape})`);
  }
  return {
    root: `${searchParams.get('tls') === 'false' ? 'http' : 'https'}://${host}/${path}/`,
    accessKeyId: decodeURIComponent(username),
    secretAccessKey: decodeURIComponent(password),
    region: searchParams.get('region') ?? 'us-east-1',
  };
}

class S3BlobStore implements BlobStore {
  readonly #root: string;
  readonly #client: AwsClient;
  readonly #closing = new AbortController();

  constructor({ root, ...account }: Place) {
    this.#root = root;
    this.#client = new AwsClient({ ...account, service: 's3', retries: RETRIES });
  }

  async put(content: Uint8Array): Promise<string> {
    const sha256 = hash('sha256', content);
    if (await this.has(sha256)) return sha256;
    const answer = await this.#ask('PUT', sha256, {
      body: content as Uint8Array<ArrayBuffer>,
      // Signed with the request: the server refuses bytes that changed on their way.
      headers: { 'content-type': 'application/octet-stream', 'x-amz-content-sha256': sha256 },
    });
    await answer.body?.cancel();
    return sha256;
  }

  async get(sha256: string) {
    const answer = await this.#ask('GET', sha256);
    if (answer.status === 404 || answer.body === null) return undefined;
    const bytes = Number(answer.headers.get('content-length'));
    const source = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
    return { bytes, content: pipeline(source, checkedAgainst(sha256), () => undefined) };
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#ask('HEAD', sha256)).status !== 404;
  }

  async delete(sha256: string): Promise<void> {
    const answer = await this.#ask('DELETE', sha256);
    await answer.body?.cancel();
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  /** Answers 404 only when the blob is not there: a bucket that is not there is UNAVAILABLE. */
  async #ask(
    method: string,
    sha256: string,
    request: { body?: Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    assertDigest(sha256);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_MS)]);
    let answer: Response;
    try {
      answer = await this.#client.fetch(this.#root + sha256, { method, signal, ...request });
    } catch (cause) {
      throw new BlobStoreError('UNAVAILABLE', `${this.#root} cannot be reached`, { cause });
    }
    const absent = answer.status === 404 && method !== 'PUT';
    if (answer.ok || absent) return answer;
    await answer.body?.cancel();
    const code = answer.status === 403 || answer.status === 401 ? 'READ_ONLY' : 'UNAVAILABLE';
    throw new BlobStoreError(code, `${this.#root} answers ${method} with ${answer.status}`);
  }
}
