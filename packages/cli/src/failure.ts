/** What the process says with its exit code; the same numbers stand in `--help`. */
export const EXIT = {
  ok: 0,
  /** Refused or failed by the server. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  notAuthorised: 4,
  /** A file that cannot be imported as it is. */
  importProblems: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the server says of a refusal: `extensions` of the error catalogue. */
export interface Fault {
  code: string;
  message: string;
  rule?: string;
  field?: string;
  citation?: { title: string; article?: string; documentNumber?: string };
  details?: unknown;
}

export interface FailureOptions extends ErrorOptions {
  answer?: object;
}

/** Ends a command with an exit code and a message in the user's language. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  readonly fault: Fault;
  /** What --json prints beside the error. */
  readonly answer: object;
  constructor(exitCode: ExitCode, fault: Fault, { answer = {}, ...options }: FailureOptions = {}) {
    super(fault.message, options);
    this.name = 'CliFailure';
    this.exitCode = exitCode;
    this.fault = fault;
    this.answer = answer;
  }
}

/** The command line, or a file it names, is not what the command takes. */
export const usageError = (message: string): CliFailure =>
  new CliFailure(EXIT.usage, { code: 'USAGE', message });
