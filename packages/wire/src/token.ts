import { decodeBase64Url } from './base64url.js';
import { isUuid } from './id.js';

/**
 * The organisation a token belongs to: `realm` of a JWT, else the third of exactly three `_`-separated parts.
 * Undefined for a token of another shape; no catalog can be asked for it then.
 *
 * @source protocol/identity-and-services.md §2.2
 */
export function orgIdOfToken(accessToken: string): string | undefined {
  const payload = accessToken.split('.')[1];
  if (payload !== undefined) {
    try {
      const claims: unknown = JSON.parse(decodeBase64Url(payload));
      if (
        typeof claims === 'object' &&
        claims !== null &&
        'realm' in claims &&
        typeof claims.realm === 'string'
      )
        return claims.realm;
    } catch {
      // not a JWT: look at its parts
    }
  }
  const parts = accessToken.split('_');
  const orgId = parts.length === 3 ? parts[2] : undefined;
  return orgId !== undefined && isUuid(orgId) ? orgId : undefined;
}
