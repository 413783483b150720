import { isSdkError, type Interceptor } from '@trunkline/core';
import { orgIdOfToken, uuidOf, type Person } from '@trunkline/wire';
import type { Token } from './token.js';
import type { Link } from './link.js';
import type { Webex } from './webex.js';

// tokens that nothing holds any more
const maxReplaced = 100;

/** Who is signed in, and what happens to connection and listeners when the app replaces the token. */
export class Session {
  /** Once it is known. */
  person: Person | undefined;
  private asking: Promise<Person> | undefined;
  /** tokens that the app has replaced */
  private readonly replaced = new Set<string>();
  constructor(private readonly webex: Webex) {}

  /** The signed-in person, fetched once. */
  me(): Promise<Person> {
    if (this.person) return Promise.resolve(this.person);
    const asking = (this.asking ??= this.webex.people.get('me'));
    asking.then(
      (person) => {
        if (this.asking === asking) this.person = person;
      },
      () => {
        if (this.asking === asking) this.asking = undefined;
      },
    );
    return asking;
  }
  forget(): void {
    this.asking = this.person = undefined;
  }

  /**
   * Requests that would leave with a replaced token are refused here, so that core gets the present one and sends them
   * again. Requests with a token of the caller's own are left alone.
   */
  readonly refuseReplaced: Interceptor = {
    name: 'webex-replaced-token',
    phase: 'send',
    run: (request, next) => {
      const sent = request.headers.get('authorization')?.replace(/^Bearer /, '');
      const { headers = {}, auth } = request.options;
      const own =
        auth === false || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
      return !own && sent !== undefined && this.replaced.has(sent)
        ? Promise.resolve(new Response(null, { status: 401 }))
        : next(request);
    },
  };

  /**
   * The same person with another token keeps the connection, and no event is lost. Another user, or no user, does not:
   * then another client takes over, connected if this one was.
   */
  async tokenReplaced(before: Token | undefined, now: Token | undefined): Promise<void> {
    const { linkage } = this.webex;
    this.replace(before?.access_token, now?.access_token);
    if (!linkage.exists) {
      this.forget();
      return;
    }
    if (!now) {
      this.forget();
      await linkage.drop();
      return;
    }
    const link = linkage.get();
    if (await this.isSamePerson(link, before, now)) return;
    // replaced again meanwhile, or signed out
    if (this.webex.credentials.supertoken !== now || !linkage.has(link)) return;
    const connected = !['idle', 'closed'].includes(link.client.socket.state);
    const ended = linkage.renew();
    if (connected)
      try {
        // those who listen attach when this is known
        await this.me();
        await this.webex.internal.mercury.connect();
      } catch (error) {
        this.webex.logger.error('the socket could not be opened with the new token', error);
      }
    await ended;
  }
  /** Has core take over the present token, where it was replaced without a word: by changing it in place. */
  async takeOver(link: Link, given: string | undefined): Promise<void> {
    const { supertoken } = this.webex.credentials;
    if (given === undefined || supertoken === undefined || supertoken.access_token === given) return;
    this.replace(given, supertoken.access_token);
    await this.ask(link).catch(() => undefined);
  }

  /** From now on requests carry the second instead of the first. */
  replace(before: string | undefined, now: string | undefined): void {
    if (before !== undefined) this.replaced.add(before);
    if (now !== undefined) this.replaced.delete(now);
    const [oldest] = this.replaced;
    if (this.replaced.size > maxReplaced && oldest !== undefined) this.replaced.delete(oldest);
  }
  private async isSamePerson(link: Link, before: Token | undefined, now: Token): Promise<boolean> {
    const { device, socket } = link.client;
    const org = (token: Token | undefined) => token && orgIdOfToken(token.access_token);
    const begun = device !== undefined && socket.state !== 'idle' && socket.state !== 'closed';
    if (!begun || org(before) !== org(now)) {
      this.forget();
      return false;
    }
    try {
      const me = await this.ask(link);
      if (uuidOf('PEOPLE', me.id) === device.userId) return true;
      this.forget();
      this.person = me;
      return false;
    } catch (error) {
      // a token that is refused opens no other socket either; what else fails leaves it open who this is
      if (isSdkError(error) && ['ERR_AUTH_EXPIRED', 'ERR_UNAUTHORIZED'].includes(error.code)) return true;
      this.forget();
      return false;
    }
  }
  private async ask({ host }: Link): Promise<Person> {
    return (await host.request<Person>({ service: 'hydra', path: 'people/me' })).body;
  }
}
