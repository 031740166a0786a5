import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { traceIds } from './tracing.ts';

export type { Logger } from 'pino';

export interface LoggingOptions {
  /** Name of the process: `gateway`. */
  name: string;
  /** Default `info`; `silent` turns it off. */
  level?: string;
  /** Default standard output. */
  destination?: DestinationStream;
}

/** JSON lines with time and level as words, and the trace at work where traces are kept. Tokens never reach a log; who logs keeps personal data out. */
export function createLogger({ name, level = 'info', destination }: LoggingOptions): Logger {
  const options: LoggerOptions = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: traceIds,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['authorization', '*.authorization', 'token', '*.token'],
  };
  return destination ? pino(options, destination) : pino(options);
}
