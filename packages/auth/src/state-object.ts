import { base64url, fromBase64 } from './base64.js';
import { objectOf } from './kept.js';

/** What an app hands to a sign-in, to find it again afterwards: where the person was, for example. JSON. */
export type SignInState = Readonly<Record<string, unknown>>;

const CSRF = 'csrf_token';
const EMAIL_HASH = 'emailhash';

/** base64url JSON of the app's state and our token against forged answers. @source protocol/identity-and-services.md §3.1 */
export const encodeState = (state: SignInState, csrf: string, emailHash?: string): string =>
  base64url(
    JSON.stringify({ ...state, ...(emailHash !== undefined && { [EMAIL_HASH]: emailHash }), [CSRF]: csrf }),
  );

/** Undefined when it is not one of ours. */
export function decodeState(
  text: string | null,
): { readonly csrf: string; readonly state: SignInState } | undefined {
  if (text === null) return undefined;
  let found: SignInState | undefined;
  try {
    found = objectOf(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(text)));
  } catch {
    return undefined;
  }
  const csrf = found?.[CSRF];
  if (found === undefined || typeof csrf !== 'string' || csrf === '') return undefined;
  const state = Object.entries(found).filter(([name]) => name !== CSRF && name !== EMAIL_HASH);
  return { csrf, state: Object.fromEntries(state) };
}
