/**
 * A stand-in for an EventStoreDB server: it speaks as much of its public gRPC protocol as the adapter uses, over the
 * wire, and keeps an append-only file. It is no EventStoreDB and proves nothing about one; it lets the adapter's own
 * logic be tested where no server can be had: reconnection, paging, lost answers, refusals.
 *
 * As a process: `npx node packages/event-store/test/eventstoredb-stand-in.ts --port 0 --data <dir>` prints its URL.
 * What it has acknowledged survives `kill -9`.
 */
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream, ServerWritableStream, StatusObject, sendUnaryData } from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { matcherOf } from './eventstoredb-stand-in-filter.ts';

interface Kept {
  stream: string;
  revision: number;
  position: number;
  /** Milliseconds since 1970. */
  created: number;
  id: string;
  type: string;
  contentType: string;
  /** Base 64. */
  data: string;
  custom: string;
}

export interface StandInOptions {
  /** Folder of its file. Default: none, all is gone when it stops. */
  data?: string;
  /** Default 0: any free one. */
  port?: number;
  /** As the option of the server. Default 1 MiB, as there. */
  maxAppendSize?: number;
  /** PEM. Default: no TLS. */
  tls?: { key: Buffer; cert: Buffer };
  /** `user:password` that is asked for. Default: anyone may come in. */
  credentials?: string;
  now?: () => number;
}

/** What goes wrong on purpose. */
export interface Faults {
  /** The next so many appends are written, but the connection breaks before they are answered. */
  loseAnswers: number;
  /** Milliseconds before an answer begins. */
  delay: number;
  /** Tells every caller that another node leads. */
  leader?: { host: string; port: number };
  /** Positions in stream reads are withheld, as servers before 22.6 do. */
  hidePositions: boolean;
}

type Failure = Partial<StatusObject>;

export class EventStoreDbStandIn {
  readonly faults: Faults = { loseAnswers: 0, delay: 0, hidePositions: false };
  /** Messages of events sent, to see how far ahead of a slow reader it is. */
  sent = 0;
  readonly #options: StandInOptions;
  readonly #log: Kept[] = [];
  readonly #byStream = new Map<string, Kept[]>();
  readonly #subscribers = new Set<() => void>();
  #server: Server | undefined;
  #file: number | undefined;
  #port: number;

  constructor(options: StandInOptions = {}) {
    this.#options = options;
    this.#port = options.port ?? 0;
    if (options.data !== undefined) this.#load(options.data);
    this.#keep('$stand-in', [
      { id: crypto.randomUUID(), type: '$started', contentType: '', data: '', custom: '' },
    ]);
  }

  get url(): string {
    const user = this.#options.credentials === undefined ? '' : `${this.#options.credentials}@`;
    return `esdb://${user}127.0.0.1:${this.#port}?tls=${this.#options.tls !== undefined}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens, on the port of the first time. */
  async start(): Promise<this> {
    const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
    server.addService(streamsGrpc.StreamsService, {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => this.#read(call),
      append: (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) =>
        this.#append(call, answer),
      delete: unimplemented,
      tombstone: unimplemented,
      batchAppend: (call: { destroy(error: Error): void }) => call.destroy(new Error('not stood in for')),
    });
    server.addService(gossipGrpc.GossipService as never, {
      read: (_: unknown, answer: sendUnaryData<InstanceType<typeof gossip.ClusterInfo>>) =>
        answer(null, this.#clusterInfo()),
    });
    const { tls } = this.#options;
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }])
      : ServerCredentials.createInsecure();
    this.#port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${this.#port}`, credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    this.#server = server;
    return this;
  }

  /** Breaks all connections, like the end of the process; what was written stays. */
  stop(): void {
    this.#subscribers.clear();
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  close(): void {
    this.stop();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Writes as some other program would. */
  writeForeign(stream: string, type = 'SomethingElse'): void {
    const data = Buffer.from('{}').toString('base64');
    this.#keep(stream, [
      { id: crypto.randomUUID(), type, contentType: 'application/json', data, custom: '' },
    ]);
  }

  /** One line per append; a line that a kill has cut off was never acknowledged. */
  #load(folder: string): void {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'stand-in.ndjson');
    this.#file = openSync(path, 'a+');
    const bytes = readFileSync(path);
    const whole = bytes.lastIndexOf(10) + 1;
    truncateSync(path, whole);
    const lines = bytes.subarray(0, whole).toString().split('\n').slice(0, -1);
    for (const line of lines) for (const event of JSON.parse(line) as Kept[]) this.#index(event);
  }

  #index(event: Kept): void {
    this.#log.push(event);
    const stream = this.#byStream.get(event.stream);
    if (stream) stream.push(event);
    else this.#byStream.set(event.stream, [event]);
  }

  /** Positions are places in a log of bytes: the first is not 0, and they have gaps. */
  #keep(stream: string, events: Pick<Kept, 'id' | 'type' | 'contentType' | 'data' | 'custom'>[]): Kept[] {
    const last = this.#log.at(-1);
    const created = this.#options.now?.() ?? Date.now();
    let position = last === undefined ? 67 : last.position + last.data.length + last.custom.length + 131;
    const first = this.#byStream.get(stream)?.length ?? 0;
    const kept = events.map((event, i): Kept => {
      const place = { stream, revision: first + i, position, created };
      position += event.data.length + event.custom.length + 131;
      return { ...place, ...event };
    });
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(kept)}\n`);
    for (const event of kept) this.#index(event);
    for (const wake of this.#subscribers) wake();
    return kept;
  }

  #refusal(metadata: Metadata): Failure | undefined {
    const { credentials } = this.#options;
    const given = String(metadata.get('authorization')[0] ?? '');
    if (credentials !== undefined && given !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
      return { code: status.UNAUTHENTICATED, details: 'Unauthenticated' };
    }
    const { leader } = this.faults;
    if (leader === undefined) return undefined;
    const trailers = new Metadata();
    trailers.set('exception', 'not-leader');
    trailers.set('leader-endpoint-host', leader.host);
    trailers.set('leader-endpoint-port', String(leader.port));
    return { code: status.NOT_FOUND, details: 'Leader info available', metadata: trailers };
  }

  async #append(
    call: ServerReadableStream<AppendReq, AppendResp>,
    answer: sendUnaryData<AppendResp>,
  ): Promise<void> {
    try {
      const refusal = this.#refusal(call.metadata);
      if (refusal) return answer(refusal);
      const messages: AppendReq[] = [];
      for await (const message of call as AsyncIterable<AppendReq>) messages.push(message);
      const [first, ...rest] = messages;
      const options = first?.getOptions();
      const stream = Buffer.from(options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
      const events = rest.map((message) => proposalOf(message));
      const size = events.reduce((sum, { data, custom }) => sum + ((data.length + custom.length) * 3) / 4, 0);
      const limit = this.#options.maxAppendSize ?? 1024 * 1024;
      if (size > limit) return answer(tooLarge(limit));
      if (this.faults.delay > 0) await pause(this.faults.delay, undefined, { ref: false });
      const expected = options?.hasNoStream() ? -1 : Number(options?.getRevision());
      const outcome = this.#write(stream, expected, events);
      if (this.faults.loseAnswers > 0) {
        this.faults.loseAnswers--;
        return answer({ code: status.UNAVAILABLE, details: 'the stand-in loses this answer' });
      }
      answer(null, outcome);
    } catch (error) {
      answer({ code: status.INTERNAL, details: String(error) });
    }
  }

  /** As EventStoreDB decides: a fitting revision is written, whatever the ids; a repeat is known by its place. */
  #write(stream: string, expected: number, events: ReturnType<typeof proposalOf>[]): AppendResp {
    const held = this.#byStream.get(stream) ?? [];
    const actual = held.length - 1;
    const there = held.slice(expected + 1, expected + 1 + events.length);
    const repeated = there.length === events.length && events.every(({ id }, i) => there[i]?.id === id);
    if (expected === actual || repeated) {
      const last = (repeated ? there : this.#keep(stream, events)).at(-1) as Kept;
      const position = new streams.AppendResp.Position();
      position.setCommitPosition(String(last.position)).setPreparePosition(String(last.position));
      const success = new streams.AppendResp.Success().setCurrentRevision(String(last.revision));
      return new streams.AppendResp().setSuccess(success.setPosition(position));
    }
    const wrong = new streams.AppendResp.WrongExpectedVersion();
    if (actual < 0) wrong.setCurrentNoStream(new shared.Empty());
    else wrong.setCurrentRevision(String(actual));
    if (expected < 0) wrong.setExpectedNoStream(new shared.Empty());
    else wrong.setExpectedRevision(String(expected));
    return new streams.AppendResp().setWrongExpectedVersion(wrong);
  }

  async #read(call: ServerWritableStream<ReadReq, ReadResp>): Promise<void> {
    try {
      const refusal = this.#refusal(call.metadata);
      if (refusal) return void call.emit('error', refusal);
      if (this.faults.delay > 0) await pause(this.faults.delay, undefined, { ref: false });
      const options = call.request.getOptions() as ReadReq.Options;
      if (options.hasSubscription()) await this.#follow(call, options);
      else await this.#readOnce(call, options);
      call.end();
    } catch (error) {
      call.emit('error', { code: status.INTERNAL, details: String(error) });
    }
  }

  async #readOnce(call: ServerWritableStream<ReadReq, ReadResp>, options: ReadReq.Options): Promise<void> {
    const backwards = options.getReadDirection() === 1;
    const ofStream = options.getStream();
    let events = this.#log;
    if (ofStream) {
      const identifier = ofStream.getStreamIdentifier();
      const held = this.#byStream.get(Buffer.from(identifier?.getStreamName_asU8() ?? []).toString());
      if (held === undefined) {
        const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier);
        return void (await this.#send(call, new streams.ReadResp().setStreamNotFound(missing)));
      }
      const from = ofStream.hasRevision() ? Number(ofStream.getRevision()) : undefined;
      events = backwards ? held.slice(0, (from ?? held.length) + 1) : held.slice(from ?? 0);
    } else if (options.getAll()?.hasPosition()) {
      const from = Number(options.getAll()?.getPosition()?.getCommitPosition());
      events = events.slice(lowerBound(events, from));
    }
    const matches = matcherOf(options.getFilter());
    const ordered = backwards ? events.toReversed() : events;
    let left = Number(options.getCount());
    for (const event of ordered) {
      if (left === 0 || call.cancelled) return;
      if (!matches(event.stream)) continue;
      left--;
      await this.#send(call, this.#eventOf(event, ofStream !== undefined && this.faults.hidePositions));
    }
  }

  async #follow(call: ServerWritableStream<ReadReq, ReadResp>, options: ReadReq.Options): Promise<void> {
    const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(
      crypto.randomUUID(),
    );
    await this.#send(call, new streams.ReadResp().setConfirmation(confirmation));
    const position = options.getAll()?.getPosition();
    const matches = matcherOf(options.getFilter());
    const interval = options.getFilter()?.getMax() ?? 32;
    let next = position ? lowerBound(this.#log, Number(position.getCommitPosition()) + 1) : 0;
    let considered = 0;
    while (!call.cancelled) {
      const event = this.#log[next];
      if (event === undefined) {
        await this.#woken(call);
        continue;
      }
      next++;
      considered++;
      if (matches(event.stream)) await this.#send(call, this.#eventOf(event, false));
      if (considered % interval === 0) {
        const place = String(event.position);
        const checkpoint = new streams.ReadResp.Checkpoint()
          .setCommitPosition(place)
          .setPreparePosition(place);
        await this.#send(call, new streams.ReadResp().setCheckpoint(checkpoint));
      }
    }
  }

  /** Until something is written, or the caller is gone. */
  #woken(call: ServerWritableStream<ReadReq, ReadResp>): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#subscribers.delete(wake);
        call.off('cancelled', wake);
        resolve();
      };
      this.#subscribers.add(wake);
      call.once('cancelled', wake);
    });
  }

  /** Waits for a reader that is slow. */
  async #send(call: ServerWritableStream<ReadReq, ReadResp>, response: ReadResp): Promise<void> {
    if (response.hasEvent()) this.sent++;
    if (call.write(response) || call.cancelled) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        call.off('drain', go);
        call.off('cancelled', go);
        resolve();
      };
      call.once('drain', go);
      call.once('cancelled', go);
    });
  }

  #eventOf(event: Kept, hidden: boolean): ReadResp {
    const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
    recorded.setId(new shared.UUID().setString(event.id));
    recorded.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(event.stream)));
    recorded.setStreamRevision(String(event.revision));
    const place = hidden ? String(2n ** 64n - 1n) : String(event.position);
    recorded.setCommitPosition(place).setPreparePosition(place);
    recorded.getMetadataMap().set('type', event.type);
    recorded.getMetadataMap().set('content-type', event.contentType);
    recorded.getMetadataMap().set('created', String(BigInt(event.created) * 10_000n));
    recorded.setData(event.data).setCustomMetadata(event.custom);
    const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(place);
    return new streams.ReadResp().setEvent(read);
  }

  #clusterInfo(): InstanceType<typeof gossip.ClusterInfo> {
    const member = new gossip.MemberInfo().setInstanceId(new shared.UUID().setString(crypto.randomUUID()));
    member.setState(gossip.MemberInfo.VNodeState.LEADER).setIsAlive(true).setTimeStamp('0');
    member.setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(this.#port));
    return new gossip.ClusterInfo().setMembersList([member]);
  }
}

const unimplemented = (_: unknown, answer: sendUnaryData<never>) => answer({ code: status.UNIMPLEMENTED });

function proposalOf(message: AppendReq): Pick<Kept, 'id' | 'type' | 'contentType' | 'data' | 'custom'> {
  const proposed = message.getProposedMessage();
  if (proposed === undefined) throw new Error('an append without an event');
  const metadata = proposed.getMetadataMap();
  return {
    id: proposed.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? '',
    data: proposed.getData_asB64(),
    custom: proposed.getCustomMetadata_asB64(),
  };
}

function tooLarge(limit: number): Failure {
  const metadata = new Metadata();
  metadata.set('exception', 'maximum-append-size-exceeded');
  metadata.set('maximum-append-size', String(limit));
  return { code: status.INVALID_ARGUMENT, details: `Maximum Append Size of ${limit} Exceeded.`, metadata };
}

/** Index of the first event at this position or behind. */
function lowerBound(log: readonly Kept[], position: number): number {
  let [low, high] = [0, log.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, data: { type: 'string' }, 'max-append-size': { type: 'string' } },
  });
  const standIn = new EventStoreDbStandIn({
    port: Number(values.port ?? 0),
    maxAppendSize: Number(values['max-append-size'] ?? 1024 * 1024),
    ...(values.data === undefined ? {} : { data: values.data }),
  });
  await standIn.start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => standIn.close());
  process.stdout.write(`${standIn.url}\n`);
}
