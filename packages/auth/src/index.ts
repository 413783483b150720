export {
  activation,
  type Activated,
  type Activation,
  type ActivationOptions,
  type Verified,
  type Whose,
} from './activation.js';
export {
  authorizationCode,
  type AuthorizationCode,
  type AuthorizationCodeOptions,
} from './authorization-code.js';
export {
  browserAuth,
  type BrowserAuth,
  type BrowserAuthOptions,
  type SignInOptions,
  type SignOutOptions,
  type WindowFeatures,
  windowFeatures,
} from './browser-auth.js';
export { emailHashOf } from './crypto.js';
export { clientCredentials, type ClientCredentialsOptions } from './client-credentials.js';
export { deviceCode, type DeviceCode, type DeviceCodeOptions, type DeviceSignIn } from './device-code.js';
export { downscope, type Downscoped, type DownscopeOptions } from './downscope.js';
export { guest, type GuestOfServer, type GuestWithSecret } from './guest.js';
export { createGuestJwt, type GuestJwtOptions } from './guest-jwt.js';
export { logout, logoutUrl, type LogoutOptions, type LogoutUrlOptions } from './logout.js';
export { revoke, type RevokeOptions } from './revoke.js';
export type { SignedIn } from './signed-in.js';
export type { SignInState } from './state-object.js';
