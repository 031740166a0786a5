/** Time as a dependency: what a service asks for the present, and what wakes it. Tests bring a clock of their own. */
export interface Clock {
  now(): Date;
  /**
   * Rings once, as soon as the clock reads `at` or later, never before; not within this call. Returns how to call it
   * off. A clock that is set back or forward in between is looked at again.
   */
  alarm(at: Date, ring: () => void): () => void;
}

/** The longest sleep: a machine's clock that was set forward, or that slept itself, is noticed within it. */
const LOOK_AGAIN_MS = 30_000;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  alarm(at, ring) {
    let timer: NodeJS.Timeout;
    const look = (): void => {
      const left = at.getTime() - Date.now();
      timer = setTimeout(left <= 0 ? ring : look, Math.min(Math.max(left, 0), LOOK_AGAIN_MS));
    };
    look();
    return () => clearTimeout(timer);
  },
};
