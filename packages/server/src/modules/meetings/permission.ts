// Permission tokens: the user who showed the password gets one, and joins with it. A JWT, whose times are epoch ms as
// clients read them. @source protocol/meetings-signalling.md §3.5
import type { Signer } from '../../kernel/vault/vault.js';
import { fields } from '../../kernel/http/untrusted.js';

/** ms that a token is good for */
export const permissionMs = 3_600_000;
/** What the service allows everybody in its meetings. */
const userPolicies = {
  supportNetworkBasedRecord: true,
  supportVoIP: true,
  supportVideo: true,
  supportDesktopShare: true,
  supportChat: true,
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export interface Permissions {
  /** For one person and one place. */
  grant(userId: string, placeId: string, nowMs: number): string;
  isGood(token: string | undefined, userId: string, placeId: string, nowMs: number): boolean;
}

export function createPermissions(signer: Signer): Permissions {
  return {
    grant: (userId, placeId, nowMs) => {
      const head = encode({ alg: 'HS256', typ: 'JWT' });
      const claims = encode({
        iat: nowMs,
        exp: nowMs + permissionMs,
        sub: userId,
        place: placeId,
        permission: { userPolicies },
      });
      return `${head}.${claims}.${signer.sign(`${head}.${claims}`)}`;
    },
    isGood: (token, userId, placeId, nowMs) => {
      const [head = '', claims = '', signature = '', ...rest] = (token ?? '').split('.');
      if (rest.length > 0 || !signer.verify(`${head}.${claims}`, signature)) return false;
      // what is signed was written by this service
      const { sub, place, exp } = fields(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')));
      return sub === userId && place === placeId && typeof exp === 'number' && nowMs < exp;
    },
  };
}
