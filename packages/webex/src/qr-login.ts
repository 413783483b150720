import { deviceCode, type DeviceCodeOptions } from '@trunkline/auth';
import type { TokenFunction } from '@trunkline/core';
import { Events } from './events.js';

interface UserData {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string;
}
/** What `eventEmitter` says, as `qRCodeLogin`. */
export type QrLoginEvent =
  | { readonly eventType: 'getUserCodeSuccess'; readonly userData: UserData }
  | { readonly eventType: 'getUserCodeFailure' | 'authorizationFailure'; readonly data: unknown }
  | { readonly eventType: 'authorizationPending' | 'authorizationSuccess' | 'pollingCanceled' };

/** Signing in by a code that is shown, or as QR code. @source protocol/identity-and-services.md §3.5 */
export class QrLogin {
  readonly events = new Events();
  private running: AbortController | undefined;

  /** Shows a code by `getUserCodeSuccess`, and resolves when it is known how it ended: true when someone signed in. */
  async begin(options: DeviceCodeOptions, follow: (token: TokenFunction) => Promise<void>): Promise<boolean> {
    this.cancel(false);
    const mine = (this.running = new AbortController());
    const { signal } = mine;
    let hasCode = false;
    try {
      const signIn = await deviceCode(options).start({ signal });
      const { userCode, verificationUri, verificationUriComplete } = signIn;
      hasCode = true;
      this.say({
        eventType: 'getUserCodeSuccess',
        userData: { userCode, verificationUri, verificationUriComplete },
      });
      this.say({ eventType: 'authorizationPending' });
      const { token } = await signIn.wait();
      signal.throwIfAborted();
      await follow(token);
      this.say({ eventType: 'authorizationSuccess' });
      return true;
    } catch (error) {
      if (!signal.aborted)
        this.say({ eventType: hasCode ? 'authorizationFailure' : 'getUserCodeFailure', data: error });
      return false;
    } finally {
      if (this.running === mine) this.running = undefined;
    }
  }
  cancel(tell = true): void {
    if (this.running === undefined) return;
    this.running.abort();
    this.running = undefined;
    if (tell) this.say({ eventType: 'pollingCanceled' });
  }
  private say(event: QrLoginEvent): void {
    this.events.trigger('qRCodeLogin', event);
  }
}
