import type { EventData } from '@eventstore/db-client';
import { EventStoreDBClient, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { toEventStoreError } from './eventstoredb-errors.ts';
import type { ReadEvent } from './eventstoredb-event.ts';
import type { EventStoreDbAddress } from './eventstoredb-url.ts';

/** Time after which a call that should be short is given up, in milliseconds. */
const CALL_MS = 5_000;

/** Events that a filtered read looks at before the server turns to others, and a subscription between checkpoints. */
const READ_WINDOW = 500;
const CHECKPOINT_EVENTS = 32;

export type Source =
  | { stream: string; from: number | 'end'; backwards: boolean; count: number }
  /** From this position on, inclusive. Without a prefix: all but the server's own streams. */
  | { all: 'forwards'; from: number; prefix: string }
  /** Behind this position; goes on live, with checkpoints. */
  | { all: 'live'; from: number; prefix: string }
  | { all: 'last' };

export type Written = { status: 'written' } | { status: 'conflict'; actual: number };

/**
 * The client, with what it lacks: reads of `$all` with a filter, an end to its channel, and appends that are calls of
 * their own. It finds the leader and turns to the next node by itself.
 */
export class Connection extends EventStoreDBClient {
  readonly name: string;
  readonly #silenceMs: number;
  #channel: ReturnType<EventStoreDBClient['getChannel']> | undefined;
  #latest: string | undefined;

  /** `silenceMs`: time without a word from the server after which the reading of a stream is taken for broken. */
  constructor({ name, settings, channel, credentials }: EventStoreDbAddress, silenceMs: number) {
    super(settings, channel, credentials);
    this.name = name;
    this.#silenceMs = silenceMs;
    const { getChannel, handleError } = this;
    this.getChannel = () => {
      this.#channel = getChannel();
      return this.#channel;
    };
    // Nobody waits for it: what it throws (no node was found) would end the process; the next call meets it again.
    this.handleError = (client, error) => handleError(client, error).catch(() => undefined);
    // Batched appends share one call without a deadline, whose end fails those of every other client in the process.
    this.supports = async () => false;
  }

  /** Instant of the latest event that was read here. */
  get latest(): string | undefined {
    return this.#latest;
  }

  note(read: ReadEvent): ReadEvent {
    const { recordedAt } = read.event;
    if (this.#latest === undefined || this.#latest < recordedAt) this.#latest = recordedAt;
    return read;
  }

  /** Throws EventStoreError; a failure that passes leaves it open whether the events were written. */
  async write(stream: string, after: number, events: EventData[]): Promise<Written> {
    try {
      const expectedRevision = after < 0 ? 'no_stream' : BigInt(after);
      await this.appendToStream(stream, events, {
        expectedRevision,
        requiresLeader: true,
        deadline: 2 * CALL_MS,
      });
      return { status: 'written' };
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw toEventStoreError(error, this.name);
      const { actualVersion } = error;
      return { status: 'conflict', actual: actualVersion === 'no_stream' ? -1 : Number(actualVersion) };
    }
  }

  /**
   * What the server answers, as it comes: the next messages are asked for when these are taken. `waiting` tells how
   * many are here already. Throws EventStoreError.
   */
  async *read(source: Source, signal: AbortSignal): AsyncGenerator<{ response: ReadResp; waiting: number }> {
    const live = 'all' in source && source.all === 'live';
    const short = 'all' in source && source.all === 'last';
    const request = requestOf(source);
    const open = this.GRPCStreamCreator(streamsGrpc.StreamsClient, 'read', (client) => {
      const [metadata, options] = this.callArguments({ requiresLeader: true });
      // A subscription or a search through the log may be silent for long: that the server is gone is told by the
      // keepalive.
      const deadline = short ? Date.now() + CALL_MS : Number.POSITIVE_INFINITY;
      return client.read(request, metadata, { ...options, deadline });
    });
    try {
      const call = await open();
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel);
      const silence = 'stream' in source ? new Silence(this.#silenceMs, cancel) : undefined;
      try {
        signal.throwIfAborted();
        for await (const response of call as AsyncIterable<ReadResp>) {
          if (response.hasStreamNotFound()) return;
          silence?.broken();
          yield { response, waiting: call.readableLength };
          silence?.begins();
        }
        if (live) throw new Error('the subscription was ended by the server');
      } finally {
        silence?.end();
        signal.removeEventListener('abort', cancel);
        // Cancelling makes an error of its own, which is nobody's.
        call.on('error', () => undefined);
        cancel();
      }
    } catch (error) {
      if (error instanceof StreamNotFoundError) return;
      throw toEventStoreError(error, this.name);
    }
  }

  async close(): Promise<void> {
    await this.dispose();
    const channel = await this.#channel?.catch(() => undefined);
    channel?.close();
  }
}

/** Calls back when the server has been silent for too long; the time that the reader takes does not count. */
class Silence {
  readonly #timer: NodeJS.Timeout;
  #since: number | undefined = performance.now();

  constructor(milliseconds: number, tooLong: () => void) {
    const look = () => {
      if (this.#since !== undefined && performance.now() - this.#since >= milliseconds) tooLong();
    };
    this.#timer = setInterval(look, Math.min(milliseconds, 1_000)).unref();
  }

  begins(): void {
    this.#since = performance.now();
  }

  broken(): void {
    this.#since = undefined;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

function requestOf(source: Source): InstanceType<typeof streams.ReadReq> {
  const { ReadReq } = streams;
  const options = new ReadReq.Options();
  options.setUuidOption(new ReadReq.Options.UUIDOption().setString(new shared.Empty()));
  if ('stream' in source) {
    const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(source.stream));
    const stream = new ReadReq.Options.StreamOptions().setStreamIdentifier(identifier);
    if (source.from === 'end') stream.setEnd(new shared.Empty());
    else stream.setRevision(String(source.from));
    options.setStream(stream).setReadDirection(source.backwards ? 1 : 0);
    options.setCount(String(source.count)).setNoFilter(new shared.Empty());
  } else if (source.all === 'last') {
    const end = new ReadReq.Options.AllOptions().setEnd(new shared.Empty());
    options.setAll(end).setReadDirection(1).setCount('1').setNoFilter(new shared.Empty());
  } else {
    options.setAll(placeOf(source.from)).setReadDirection(0);
    if (source.all === 'live') options.setSubscription(new ReadReq.Options.SubscriptionOptions());
    else options.setCount(String(Number.MAX_SAFE_INTEGER));
    options.setFilter(filterOf(source.prefix, source.all === 'live' ? CHECKPOINT_EVENTS : READ_WINDOW));
  }
  return new ReadReq().setOptions(options);
}

function placeOf(position: number): InstanceType<typeof streams.ReadReq.Options.AllOptions> {
  const all = new streams.ReadReq.Options.AllOptions();
  if (position === 0) return all.setStart(new shared.Empty());
  const place = new streams.ReadReq.Options.Position();
  return all.setPosition(place.setCommitPosition(String(position)).setPreparePosition(String(position)));
}

function filterOf(
  prefix: string,
  window: number,
): InstanceType<typeof streams.ReadReq.Options.FilterOptions> {
  const { FilterOptions } = streams.ReadReq.Options;
  const expression = new FilterOptions.Expression();
  if (prefix === '') expression.setRegex('^[^$]');
  else expression.setPrefixList([prefix]);
  return new FilterOptions()
    .setStreamIdentifier(expression)
    .setMax(window)
    .setCheckpointintervalmultiplier(1);
}
