import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../../kernel/html/pages.js';
import type { Routes } from '../../kernel/module.js';
import type { User } from './api.js';
import {
  type AuthorizeRequest,
  isExpectedUser,
  parseAuthorizeRequest,
  type ParsedRequest,
  toSignedInQuery,
} from './authorize-request.js';
import type { Clients } from './clients.js';
import type { Codes, Consents } from './codes.js';
import { oauthBase, textFields } from './oauth.js';
import { consentPage, lostPage, signedOutPage, signInPage, signOutPage, targetOf } from './pages.js';
import { isRegistered, withAnswer } from './redirects.js';
import type { Sessions } from './sessions.js';
import { send, type SignInForm } from './sign-in-form.js';
import type { Tokens } from './tokens.js';

export interface SignInParts {
  readonly tokens: Tokens;
  readonly clients: Clients;
  readonly codes: Codes;
  readonly consents: Consents;
  readonly sessions: Sessions;
  readonly signInForm: SignInForm;
}

/** The pages where people sign in and out. @source protocol/identity-and-services.md §3.1, §3.2, §3.3, §3.8 */
export function signInRoutes(parts: SignInParts): Routes {
  const { tokens, clients, codes, consents, sessions, signInForm } = parts;

  const refuse = (
    request: FastifyRequest,
    reply: FastifyReply,
    authorize: Pick<AuthorizeRequest, 'redirectUri' | 'state'>,
    error: string,
    error_description: string,
  ): FastifyReply =>
    send(
      request,
      reply,
      // in the query also for tokens, which come in the fragment: that is where clients look
      withAnswer(authorize.redirectUri, 'query', { error, error_description, state: authorize.state }),
    );

  const refuseRequest = (
    request: FastifyRequest,
    reply: FastifyReply,
    parsed: Exclude<ParsedRequest, { kind: 'request' }>,
  ): FastifyReply =>
    parsed.kind === 'lost'
      ? sendPage(reply, lostPage(parsed.why))
      : refuse(request, reply, parsed, parsed.error, parsed.description);

  /** What the app came for. */
  async function give(
    request: FastifyRequest,
    reply: FastifyReply,
    authorize: AuthorizeRequest,
    user: User,
  ): Promise<FastifyReply> {
    const { client, redirectUri, scope, state } = authorize;
    if (authorize.responseType === 'code') {
      const { challenge } = authorize;
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
    const parsed = await parseAuthorizeRequest(clients, request.query);
    if (parsed.kind !== 'request') return refuseRequest(request, reply, parsed);
    const { authorize } = parsed;
    const { cookie, user } = await sessions.visit(request, reply);
    const silent = authorize.prompts.has('none');
    if (user === undefined || !isExpectedUser(authorize, user)) {
      if (silent) return refuse(request, reply, authorize, 'login_required', 'No one is signed in.');
      return sendPage(reply, signInPage(targetOf(authorize), { token: sessions.formToken(cookie) }));
    }
    const allowed = await consents.given(user.id, authorize.client.id, authorize.scope);
    if (allowed && !authorize.prompts.has('consent')) return give(request, reply, authorize, user);
    if (silent)
      return refuse(request, reply, authorize, 'consent_required', 'The person has not allowed this yet.');
    return sendPage(reply, consentPage(authorize, user, sessions.formToken(cookie)));
  }

  async function answerForm(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const parsed = await parseAuthorizeRequest(clients, request.query);
    if (parsed.kind !== 'request') return refuseRequest(request, reply, parsed);
    const { authorize } = parsed;
    const fields = textFields(request.body);
    const target = targetOf(authorize);
    if (!signInForm.isOwn(request, fields)) return signInForm.stale(request, reply, target, fields);
    const denied = (): FastifyReply =>
      refuse(request, reply, authorize, 'access_denied', 'The person did not allow it.');
    switch (fields['action']) {
      case 'cancel':
      case 'deny':
        return denied();
      case 'allow': {
        const { user } = await sessions.visit(request, reply);
        if (user === undefined)
          return send(request, reply, `${oauthBase}/authorize?${toSignedInQuery(authorize)}`);
        await consents.give(user.id, authorize.client.id, authorize.scope);
        return give(request, reply, authorize, user);
      }
      default:
        return signInForm.answer(
          request,
          reply,
          target,
          fields,
          `${oauthBase}/authorize?${toSignedInQuery(authorize)}`,
        );
    }
  }

  /**
   * Ends the sign-in behind the token, and the browser's session when the token is of the same user: a session of which
   * only the cookie speaks may be another user's wish.
   */
  async function signOut(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | undefined,
  ): Promise<{ readonly left: User | undefined; readonly homes: () => Promise<readonly string[]> }> {
    const kept = token === undefined ? undefined : await tokens.find(token);
    if (kept !== undefined) await tokens.revokeGrant(kept.grant_id);
    const owner = kept?.user_id ?? (token === undefined ? undefined : tokens.ownerOfRevoked(token));
    const user = await sessions.userOf(request);
    const isOwn = user !== undefined && user.id === owner;
    if (isOwn || user === undefined) await sessions.end(request, reply);
    const client = kept?.client_id == null ? undefined : await clients.find(kept.client_id);
    return {
      left: isOwn ? undefined : user,
      homes: () => (client === undefined ? clients.allRedirectUris() : Promise.resolve(client.redirectUris)),
    };
  }

  /** Goes on only to where that client said it lives: no one is sent elsewhere from here. */
  async function afterSignOut(
    request: FastifyRequest,
    reply: FastifyReply,
    homes: readonly string[],
    goto: string | undefined,
  ): Promise<FastifyReply> {
    if (goto === undefined || !isRegistered(homes, goto)) return sendPage(reply, signedOutPage());
    return send(request, reply, goto);
  }

  return (app) => {
    void app.register(cookie);
    void app.register(formbody, { bodyLimit: 16_384 });

    app.get(`${oauthBase}/authorize`, look);
    app.post(`${oauthBase}/authorize`, answerForm);

    app.get(`${oauthBase}/logout`, async (request, reply) => {
      const { token, goto } = textFields(request.query);
      const { left, homes } = await signOut(request, reply, token);
      if (left === undefined) return afterSignOut(request, reply, await homes(), goto);
      const { cookie: shown } = await sessions.visit(request, reply);
      const known = goto !== undefined && isRegistered(await homes(), goto) ? goto : '';
      return sendPage(reply, signOutPage(left, sessions.formToken(shown), known));
    });
    app.post(`${oauthBase}/logout`, async (request, reply) => {
      const given = textFields(request.body);
      if (signInForm.isOwn(request, given)) {
        await sessions.end(request, reply);
        return afterSignOut(request, reply, await clients.allRedirectUris(), given['goto']);
      }
      await signOut(request, reply, given['token']);
      return reply.code(204).send();
    });
  };
}
