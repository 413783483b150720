export {
  authorizationCode,
  type AuthorizationCode,
  type AuthorizationCodeOptions,
  type SignedIn,
} from './authorization-code.js';
export {
  browserAuth,
  type BrowserAuth,
  type BrowserAuthOptions,
  type SignInOptions,
  type SignOutOptions,
} from './browser-auth.js';
export { clientCredentials, type ClientCredentialsOptions } from './client-credentials.js';
export { guest, type GuestOfServer, type GuestWithSecret } from './guest.js';
export { createGuestJwt, type GuestJwtOptions } from './guest-jwt.js';
export { revoke, type RevokeOptions } from './revoke.js';
export type { SignInState } from './state-object.js';
