import type { Text } from '@dutyledger/event-store/decider';

/** Why the node does not start, as its operator is told: no stack trace, exit code 1. */
export class StartError extends Error {
  readonly text: Text;
  constructor(text: Text, options?: ErrorOptions) {
    super(`${text['zh-CN']}\n${text.en}`, options);
    this.name = 'StartError';
    this.name = 'StartError';
    this.text = text;
  }
}
