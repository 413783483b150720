import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Routes, User } from '../contracts.js';
import { asSignedIn, isMeant, understand, type Asked, type Understood } from './asked.js';
import type { Clients } from './clients.js';
import type { Codes, Consents } from './codes.js';
import { oauthBase, textFields, type OauthFields } from './oauth.js';
import { consentPage, lostPage, sendPage, signedOutPage, signInPage, type SignInState } from './pages.js';
import { farewell, withAnswer } from './redirects.js';
import type { Sessions } from './sessions.js';
import type { Throttle } from './throttle.js';
import type { Tokens } from './tokens.js';
import type { Users } from './users.js';

export interface SignInParts {
  readonly users: Pick<Users, 'verify'>;
  readonly tokens: Tokens;
  readonly clients: Clients;
  readonly codes: Codes;
  readonly consents: Consents;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
}

// answers after a form are fetched anew, whatever the form's method was
const send = (request: FastifyRequest, reply: FastifyReply, url: string): FastifyReply =>
  reply
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .redirect(url, request.method === 'POST' ? 303 : 302);

/** The pages where people sign in and out. @source protocol/identity-and-services.md §3.1, §3.2, §3.3, §3.8 */
export function signInRoutes(parts: SignInParts): Routes {
  const { users, tokens, clients, codes, consents, sessions, throttle } = parts;

  const refuse = (
    request: FastifyRequest,
    reply: FastifyReply,
    asked: Pick<Asked, 'redirectUri' | 'state'>,
    error: string,
    error_description: string,
  ): FastifyReply =>
    send(
      request,
      reply,
      // in the query also for tokens, which come in the fragment: that is where clients look
      withAnswer(asked.redirectUri, 'query', { error, error_description, state: asked.state }),
    );

  const notAsked = (
    request: FastifyRequest,
    reply: FastifyReply,
    understood: Exclude<Understood, { kind: 'asked' }>,
  ): FastifyReply =>
    understood.kind === 'lost'
      ? sendPage(reply, lostPage(understood.why))
      : refuse(request, reply, understood, understood.error, understood.description);

  /** What the app came for. */
  async function give(
    request: FastifyRequest,
    reply: FastifyReply,
    asked: Asked,
    user: User,
  ): Promise<FastifyReply> {
    const { client, redirectUri, scope, state } = asked;
    if (asked.responseType === 'code') {
      const { challenge } = asked;
      const code = await codes.create({
        clientId: client.id,
        userId: user.id,
        redirectUri,
        scope,
        challenge,
      });
      return send(request, reply, withAnswer(redirectUri, 'query', { code, state }));
    }
    // no refresh token: what stands in an address bar should not last
    const issued = await tokens.grantOnce(user.id, { clientId: client.id, scope });
    return send(
      request,
      reply,
      withAnswer(redirectUri, 'fragment', {
        access_token: issued.accessToken,
        token_type: 'Bearer',
        expires_in: String(issued.expiresIn),
        scope: issued.scope,
        state,
      }),
    );
  }

  async function look(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const understood = await understand(clients, request.query);
    if (understood.kind !== 'asked') return notAsked(request, reply, understood);
    const { asked } = understood;
    const { cookie, user } = await sessions.visit(request, reply);
    const silent = asked.prompts.has('none');
    if (user === undefined || !isMeant(asked, user)) {
      if (silent) return refuse(request, reply, asked, 'login_required', 'Nobody is signed in.');
      return sendPage(reply, signInPage(asked, { token: sessions.formToken(cookie) }));
    }
    const allowed = await consents.given(user.id, asked.client.id, asked.scope);
    if (allowed && !asked.prompts.has('consent')) return give(request, reply, asked, user);
    if (silent)
      return refuse(request, reply, asked, 'consent_required', 'The person has not allowed this yet.');
    return sendPage(reply, consentPage(asked, user, sessions.formToken(cookie)));
  }

  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    asked: Asked,
    fields: OauthFields,
  ): Promise<FastifyReply> {
    const { email = '', password = '' } = fields;
    const { cookie } = await sessions.visit(request, reply);
    const again = (problem: SignInState['problem']): FastifyReply =>
      sendPage(reply, signInPage(asked, { token: sessions.formToken(cookie), email, problem }));
    if (email === '' || password === '')
      return again({ status: 400, text: 'Enter your email address and your password.' });
    const attempt = throttle.attempt(email, request.ip);
    if (!attempt.ok) {
      void reply.header('retry-after', String(attempt.waitS));
      const text = `Too many attempts to sign in. Try again in ${inWords(attempt.waitS)}.`;
      return again({ status: 429, text });
    }
    let user: User | undefined;
    try {
      user = await users.verify(email.trim(), password);
    } finally {
      attempt.done();
    }
    // one text for both: it does not say whether there is such an account
    if (user === undefined)
      return again({ status: 401, text: 'The email address or the password is not right.' });
    attempt.succeeded();
    await sessions.start(request, reply, user);
    return send(request, reply, `${oauthBase}/authorize?${asSignedIn(asked)}`);
  }

  async function answerForm(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const understood = await understand(clients, request.query);
    if (understood.kind !== 'asked') return notAsked(request, reply, understood);
    const { asked } = understood;
    const fields = textFields(request.body);
    if (!sessions.isOwnForm(request, fields['form_token'])) {
      const text = sessions.hasCookie(request)
        ? 'This page was no longer good, so nothing was done. Please try again.'
        : 'Your browser kept no cookie, which signing in needs. Allow cookies for this site and try again.';
      const { cookie } = await sessions.visit(request, reply);
      const problem = { status: 403, text };
      return sendPage(
        reply,
        signInPage(asked, { token: sessions.formToken(cookie), email: fields['email'], problem }),
      );
    }
    const denied = (): FastifyReply =>
      refuse(request, reply, asked, 'access_denied', 'The person did not allow it.');
    switch (fields['action']) {
      case 'cancel':
      case 'deny':
        return denied();
      case 'allow': {
        const { user } = await sessions.visit(request, reply);
        if (user === undefined) return send(request, reply, `${oauthBase}/authorize?${asSignedIn(asked)}`);
        await consents.give(user.id, asked.client.id, asked.scope);
        return give(request, reply, asked, user);
      }
      default:
        return signIn(request, reply, asked, fields);
    }
  }

  async function signOut(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | undefined,
  ): Promise<void> {
    const kept = token === undefined ? undefined : await tokens.find(token);
    if (kept !== undefined) await tokens.revokeGrant(kept.grant_id);
    await sessions.end(request, reply);
  }

  return (app) => {
    void app.register(cookie);
    void app.register(formbody, { bodyLimit: 16_384 });

    app.get(`${oauthBase}/authorize`, look);
    app.post(`${oauthBase}/authorize`, answerForm);

    app.get(`${oauthBase}/logout`, async (request, reply) => {
      const { token, goto } = textFields(request.query);
      await signOut(request, reply, token);
      // only where a client said it lives: this is no place to be sent on from
      const url = goto === undefined ? undefined : farewell(await clients.allRedirectUris(), goto);
      return url === undefined ? sendPage(reply, signedOutPage()) : send(request, reply, url);
    });
    app.post(`${oauthBase}/logout`, async (request, reply) => {
      await signOut(request, reply, textFields(request.body)['token']);
      return reply.code(204).send();
    });
  };
}

/** Rounded up, so that who waits that long has waited long enough. */
function inWords(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}
