import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../../kernel/html/pages.js';
import type { Routes } from '../../kernel/module.js';
import { accountPage } from './account-pages.js';
import type { Grants } from './grants.js';
import { textFields } from './oauth.js';
import { signedOutPage, type SignInTarget } from './pages.js';
import type { Sessions } from './sessions.js';
import { send, type SignInForm } from './sign-in-form.js';

/** below the path of the sign-in page's cookie */
export const accountPath = '/idbroker/account';
const target: SignInTarget = {
  action: accountPath,
  name: 'your account',
  email: undefined,
  redirectUri: 'self',
};

/** The page where people see which apps act for them and where they are signed in, and end it. */
export function accountRoutes(parts: {
  readonly sessions: Sessions;
  readonly signInForm: SignInForm;
  readonly grants: Grants;
}): Routes {
  const { sessions, signInForm, grants } = parts;

  async function look(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { cookie, user } = await sessions.visit(request, reply);
    if (user === undefined || textFields(request.query)['prompt'] === 'login')
      return signInForm.show(request, reply, target);
    return sendPage(
      reply,
      accountPage({
        user,
        token: sessions.formToken(cookie),
        action: accountPath,
        grants: await grants.of(user.id),
        sessions: await sessions.ofUser(user.id, request),
      }),
    );
  }

  async function change(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const fields = textFields(request.body);
    if (!signInForm.isOwn(request, fields)) return signInForm.stale(request, reply, target, fields);
    const { action, withdraw, end } = fields;
    if (action === 'cancel') return send(request, reply, accountPath);
    if (action === 'sign-in') return signInForm.answer(request, reply, target, fields, accountPath);
    const { user } = await sessions.visit(request, reply);
    if (user === undefined) return send(request, reply, accountPath);
    if (action === 'sign-out') {
      await sessions.end(request, reply);
      return sendPage(reply, signedOutPage());
    }
    if (withdraw !== undefined) await grants.withdraw(user.id, withdraw);
    if (end !== undefined) await sessions.endOf(user.id, end);
    return send(request, reply, accountPath);
  }

  return (app) => {
    void app.register(cookie);
    void app.register(formbody, { bodyLimit: 16_384 });
    app.get(accountPath, look);
    app.post(accountPath, change);
  };
}
