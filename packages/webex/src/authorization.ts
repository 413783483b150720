import type { Token } from './credentials.js';
import { refuses } from './not-supported.js';
import { WebexPlugin } from './plugin.js';

/** `webex.authorization` */
export class Authorization extends WebexPlugin {
  /** Signs a guest in. */
  async requestAccessTokenFromJwt({ jwt }: { readonly jwt: string }): Promise<void> {
    this.webex.credentials.set({ supertoken: await this.webex.tokenForJwt(jwt) });
  }
  logout(options?: { readonly noRedirect?: boolean }): Promise<void> {
    return this.webex.logout(options);
  }
  readonly initiateLogin = refuses('authorization.initiateLogin()', 'use browserAuth() of @trunkline/auth');
  readonly initiateImplicitGrant = refuses(
    'authorization.initiateImplicitGrant()',
    'use browserAuth() of @trunkline/auth',
  );
  readonly initiateAuthorizationCodeGrant = refuses(
    'authorization.initiateAuthorizationCodeGrant()',
    'use browserAuth() of @trunkline/auth',
  );
  readonly requestAuthorizationCodeGrant = refuses(
    'authorization.requestAuthorizationCodeGrant()',
    'use authorizationCode() of @trunkline/auth',
  );

  /** The last step of `webex.logout()`. */
  signedOut(token: Token | undefined, options: { readonly noRedirect?: boolean }): Promise<void> {
    void [token, options];
    return Promise.resolve();
  }
}
