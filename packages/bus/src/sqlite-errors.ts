import { BusError, type BusErrorCode } from './bus.ts';

/** Primary SQLite result codes and what they mean to the caller. */
const CODES: Record<number, [BusErrorCode, string]> = {
  5: ['BUSY', 'another process holds the bus file'],
  6: ['BUSY', 'another process holds the bus file'],
  8: ['READ_ONLY', 'the bus file or its folder cannot be written'],
  11: ['CORRUPT', 'the bus file is damaged; it can be deleted, the relay publishes everything again'],
  13: ['DISK_FULL', 'the disk is full'],
  14: ['UNAVAILABLE', 'the bus file cannot be opened; does its folder exist?'],
  26: ['CORRUPT', 'the file is not a database'],
};

/** What went wrong, in the words of the port. */
export function busErrorOf(error: unknown): { code: BusErrorCode; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof BusError) return { code: error.code, message };
  const resultCode = (error as { errcode?: number }).errcode ?? 0;
  const [code, meaning] = CODES[resultCode & 0xff] ?? ['UNAVAILABLE', 'the bus file does not answer'];
  return { code, message: `${meaning} (${message})` };
}
