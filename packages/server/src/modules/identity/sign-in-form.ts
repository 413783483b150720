// Email and password, as every page asks for them that wants to know who is there.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../../kernel/html/pages.js';
import type { User } from './api.js';
import type { KnownBrowsers } from './known-browsers.js';
import type { OauthFields } from './oauth.js';
import { signInPage, type SignInState, type SignInTarget } from './pages.js';
import type { Sessions } from './sessions.js';
import type { Throttle } from './throttle.js';
import type { Users } from './users.js';

// answers after a form are fetched again, whatever the form's method was
export const send = (request: FastifyRequest, reply: FastifyReply, url: string): FastifyReply =>
  reply
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .redirect(url, request.method === 'POST' ? 303 : 302);

export function createSignInForm(parts: {
  readonly users: Pick<Users, 'verify'>;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly knownBrowsers: KnownBrowsers;
  readonly addressOf: (request: FastifyRequest) => string | undefined;
}) {
  const { users, sessions, throttle, knownBrowsers, addressOf } = parts;

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    target: SignInTarget,
    more: Omit<SignInState, 'token'> = {},
  ): Promise<FastifyReply> {
    const { cookie } = await sessions.visit(request, reply);
    return sendPage(reply, signInPage(target, { token: sessions.formToken(cookie), ...more }));
  }

  return {
    show,
    /** Whether the form that came was shown to this very browser. */
    isOwn: (request: FastifyRequest, fields: OauthFields): boolean =>
      sessions.isOwnForm(request, fields['form_token']),
    /** What to show when it was not. */
    stale: (
      request: FastifyRequest,
      reply: FastifyReply,
      target: SignInTarget,
      fields: OauthFields,
    ): Promise<FastifyReply> => {
      const text = sessions.hasCookie(request)
        ? 'This page was no longer good, so nothing was done. Please try again.'
        : 'Your browser kept no cookie, which signing in needs. Allow cookies for this site and try again.';
      return show(request, reply, target, { email: fields['email'], problem: { status: 403, text } });
    },
    /** Checks the password; goes to `next`, or shows the page again. */
    async answer(
      request: FastifyRequest,
      reply: FastifyReply,
      target: SignInTarget,
      fields: OauthFields,
      next: string,
    ): Promise<FastifyReply> {
      const { email = '', password = '' } = fields;
      const again = (status: number, text: string): Promise<FastifyReply> =>
        show(request, reply, target, { email, problem: { status, text } });
      if (email === '' || password === '') return again(400, 'Enter your email address and your password.');
      const attempt = await throttle.attempt({
        account: email,
        address: addressOf(request),
        knownBrowser: await knownBrowsers.find(request, email),
      });
      if (!attempt.ok) {
        void reply.header('retry-after', String(attempt.waitS));
        return again(429, `Too many attempts to sign in. Try again in ${inWords(attempt.waitS)}.`);
      }
      let user: User | undefined;
      try {
        user = await users.verify(email.trim(), password);
      } finally {
        attempt.done();
      }
      // one text for both: it does not say whether there is such an account
      if (user === undefined) return again(401, 'The email address or the password is not right.');
      attempt.succeeded();
      await knownBrowsers.remember(request, reply, user.id);
      await sessions.start(request, reply, user);
      return send(request, reply, next);
    },
  };
}
export type SignInForm = ReturnType<typeof createSignInForm>;

/** Rounded up, so that who waits that long has waited long enough. */
export function inWords(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}
