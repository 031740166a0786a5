import type { Caller } from './identity.ts';
import { type Headers, header } from './request-context.ts';

/**
 * Answers that depend on who asks, not only on the organ, division and roles: only such an answer has to be made for each
 * person anew. Nobody has to declare it: it shows by what was asked of the caller.
 */

/** Header of a request whose answer is to tell, in `extensions.personal`, whether it depends on the person. */
export const TELL_PERSONAL = 'x-tell-personal';

export const isToTellPersonal = (headers: Headers): boolean => header(headers, TELL_PERSONAL) === '1';

/** The caller, and whether anyone has looked at its subject or name since. */
export function watchedCaller(caller: Caller): { caller: Caller; personal(): boolean } {
  let personal = false;
  const { organ, division, roles } = caller;
  return {
    caller: {
      organ,
      division,
      roles,
      get subject() {
        personal = true;
        return caller.subject;
      },
      get name() {
        personal = true;
        return caller.name;
      },
    },
    personal: () => personal,
  };
}
