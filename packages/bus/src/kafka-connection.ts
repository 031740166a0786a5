import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { constants, gunzip, gzip, type ZlibOptions } from 'node:zlib';
import kafkajs, {
  type Admin,
  type Consumer,
  type ConsumerConfig,
  type Kafka,
  type Producer,
  type RetryOptions,
} from 'kafkajs';
import { BusError } from './bus.ts';
import type { Cluster } from './kafka-fetch.ts';
import type { KafkaSettings } from './kafka-url.ts';

const compress: (data: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(gzip);
const decompress: (data: Buffer) => Promise<Buffer> = promisify(gunzip);

/**
 * Retries within one call; what is left over is told to the caller, who asks again. Short at first: the broker refuses
 * a transaction for the few milliseconds in which it finishes the one before.
 */
const RETRY = {
  initialRetryTime: 4,
  factor: 0.2,
  multiplier: 2,
  maxRetryTime: 1_000,
  retries: 10,
  // A consumer that gave up is made anew by its member, who also tells why.
  restartOnFailure: async () => false,
} satisfies RetryOptions;
const REQUEST_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** No call takes longer, whatever the broker does. */
export const CALL_TIMEOUT_MS = 15_000;
/** Saying goodbye is a courtesy: the broker finds out by itself. */
const GOODBYE_MS = 3_000;

/** A member that joined before a topic's partitions were known to its broker finds them after so long at the latest. */
const METADATA_AGE_MS = 10_000;

mendTimer();
mendEnds();

/**
 * Publications are compressed with gzip: kafkajs brings nothing else, and the packages for snappy, lz4 and zstd are native
 * code or no longer kept. At the fastest level: events are small texts that say the same words again and again, and the
 * default costs several times the time for a tenth less space.
 */
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => ({
  compress: (encoder: { buffer: Buffer }) => compress(encoder.buffer, { level: constants.Z_BEST_SPEED }),
  decompress: (buffer: Buffer) => decompress(buffer),
});

/**
 * kafkajs 2.2.4 wakes up every millisecond for each connection, even an idle one, and Node 24 warns of the negative
 * delay that it asks for (tulios/kafkajs#1751). The timer is needed only while requests wait.
 */
function mendTimer(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as {
    prototype: { pending: unknown[]; scheduleCheckPendingRequests(): void };
  };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this);
  };
}

/**
 * kafkajs asks for the end of a topic without saying which, and gets that of the last transaction whose end is marked.
 * The broker marks it a little after it has acknowledged the commit: what was just published would not be there yet.
 */
function mendEnds(): void {
  const require = createRequire(import.meta.url);
  const { READ_UNCOMMITTED } = require('kafkajs/src/protocol/isolationLevel.js') as {
    READ_UNCOMMITTED: number;
  };
  const { prototype } = require('kafkajs/src/cluster/index.js') as {
    prototype: { isolationLevel: number | undefined; fetchTopicsOffset(topics: unknown): Promise<unknown> };
  };
  const fetch = prototype.fetchTopicsOffset;
  prototype.fetchTopicsOffset = function (topics) {
    this.isolationLevel ??= READ_UNCOMMITTED;
    return fetch.call(this, topics);
  };
}

/** The clients of one bus: all of them speak to the same brokers in the same way. */
export class KafkaConnection {
  readonly settings: KafkaSettings;
  #admin: Promise<Admin> | undefined;
  #closed = false;

  constructor(settings: KafkaSettings) {
    this.settings = settings;
  }

  /** Of its own: kafkajs' consumers of one client share what they know of their group's offsets. */
  #client(): Kafka {
    const { brokers, tls, sasl } = this.settings;
    return new kafkajs.Kafka({
      clientId: 'dutyledger',
      brokers,
      // What goes wrong is told by results and `failure()`; kafkajs would write it to the console as well.
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      authenticationTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: RETRY,
      ...(tls ? { ssl: tls.ca === undefined ? true : { ca: [tls.ca] } } : {}),
      ...(sasl ? { sasl: { ...sasl } as never } : {}),
    });
  }

  consumer(config: ConsumerConfig): Consumer {
    const { prefix, sessionMs } = this.settings;
    return this.#client().consumer({
      sessionTimeout: sessionMs,
      heartbeatInterval: Math.floor(sessionMs / 10),
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_AGE_MS,
      retry: RETRY,
      ...config,
      groupId: prefix + config.groupId,
    });
  }

  /** What kafkajs' consumers are made of, not connected yet, for reading without a group. */
  cluster(): Cluster {
    const client = this.#client();
    const create = Object.getOwnPropertySymbols(client).find(
      ({ description }) => description === 'private:Kafka:createCluster',
    );
    if (!create) throw new Error('this version of kafkajs makes its clusters in another way');
    const factory = client as unknown as Record<symbol, (options: object) => Cluster>;
    return factory[create]?.({
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_AGE_MS,
    }) as Cluster;
  }

  /** Idempotent, and in transactions when it has a name; keys go to partitions as with Java's clients. */
  producer(transactionalId?: string): Producer {
    return this.#client().producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: RETRY,
      ...(transactionalId === undefined
        ? {}
        : // Shorter than the default of a minute: what a killed publisher left open holds up the readers for so long.
          { transactionalId: this.settings.prefix + transactionalId, transactionTimeout: 20_000 }),
    });
  }

  /** Rejects with UNAVAILABLE, DENIED or whatever `busErrorOf` makes of it. */
  async admin<Result>(ask: (admin: Admin) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new BusError('CLOSED', 'the bus is closed');
    this.#admin ??= connected(this.#client().admin({ retry: RETRY }));
    const used = this.#admin;
    try {
      return await within(
        CALL_TIMEOUT_MS,
        used.then((admin) => ask(admin)),
      );
    } catch (error) {
      if (this.#admin === used) this.#admin = undefined;
      void used.then(disconnect, () => undefined);
      throw busErrorOf(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const admin = await this.#admin?.catch(() => undefined);
    if (admin) await disconnect(admin);
  }
}

async function connected(admin: Admin): Promise<Admin> {
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    await disconnect(admin);
    throw error;
  }
}

/** Never rejects, and never takes long. */
export async function disconnect(client: Pick<Admin, 'disconnect'>): Promise<void> {
  await within(GOODBYE_MS, client.disconnect()).catch(() => undefined);
}

/** Rejects with UNAVAILABLE when the promise takes longer; what becomes of it then is of no concern any more. */
export async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new BusError('UNAVAILABLE', `Kafka did not answer within ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The protocol's name of the error that is at the bottom, such as INVALID_PRODUCER_EPOCH; else that of its class. */
export function kafkaErrorType(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('type' in one && typeof one.type === 'string') return one.type;
    if (!(one.cause instanceof Error)) return one.name;
  }
  return 'UNKNOWN';
}

/** What went wrong, in the words of the port. */
export function busErrorOf(error: unknown): BusError {
  if (error instanceof BusError) return error;
  const type = kafkaErrorType(error);
  const message = error instanceof Error ? error.message : String(error);
  if (type === 'KafkaJSSASLAuthenticationError') {
    return new BusError('DENIED', `Kafka refused user and password (${message})`, { cause: error });
  }
  if (type.endsWith('_AUTHORIZATION_FAILED')) {
    return new BusError('DENIED', `Kafka's access rights do not allow it (${message})`, { cause: error });
  }
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
    return new BusError(
      'TOO_LARGE',
      `the topic takes smaller messages only: see its max.message.bytes (${message})`,
      {
        cause: error,
      },
    );
  }
  return new BusError('UNAVAILABLE', `Kafka does not answer as it should (${message})`, { cause: error });
}
