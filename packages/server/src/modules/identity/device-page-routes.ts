import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../../kernel/html/pages.js';
import type { Routes } from '../../kernel/module.js';
import type { User } from './api.js';
import type { Clients } from './clients.js';
import type { Consents } from './codes.js';
import { type DeviceCodes, readUserCode } from './device-codes.js';
import { allowDevicePage, decidedPage, enterCodePage, nothingDonePage } from './device-pages.js';
import { textFields } from './oauth.js';
import type { SignInTarget } from './pages.js';
import type { Sessions } from './sessions.js';
import { inWords, send, type SignInForm } from './sign-in-form.js';
import type { Throttle } from './throttle.js';

/** below the path of the sign-in page's cookie */
export const devicePath = '/idbroker/device';

const addressOf = (code: string | undefined): string =>
  code === undefined ? devicePath : `${devicePath}?user_code=${code}`;
const target = (code: string | undefined): SignInTarget => ({
  action: addressOf(code),
  name: 'sign in a device',
  email: undefined,
  redirectUri: 'self',
});

interface Problem {
  readonly status: number;
  readonly text: string;
}

/** The page where a person lets a device in. @source protocol/identity-and-services.md §3.5 */
export function devicePageRoutes(parts: {
  readonly clients: Clients;
  readonly consents: Consents;
  readonly sessions: Sessions;
  readonly signInForm: SignInForm;
  readonly deviceCodes: DeviceCodes;
  /** of guessed codes */
  readonly throttle: Throttle;
  readonly clientOf: (request: FastifyRequest) => string | undefined;
}): Routes {
  const { clients, consents, sessions, signInForm, deviceCodes, throttle, clientOf } = parts;

  // within the query, so that reloading and signing in keep it; `userCode` is how the cloud's own links have it
  const asked = (request: FastifyRequest): { readonly code: string | undefined; readonly typed: boolean } => {
    const { user_code: code, userCode = code } = textFields(request.query);
    return { code: readUserCode(userCode), typed: userCode !== undefined && userCode !== '' };
  };

  const enter = async (
    request: FastifyRequest,
    reply: FastifyReply,
    problem?: Problem,
  ): Promise<FastifyReply> => {
    const { cookie } = await sessions.visit(request, reply);
    return sendPage(reply, enterCodePage(devicePath, sessions.formToken(cookie), problem));
  };

  /** Does something with a code, slower each time that the code is wrong. */
  async function guarded<T>(
    request: FastifyRequest,
    user: User,
    work: () => Promise<T | undefined>,
  ): Promise<T | Problem> {
    const attempt = await throttle.attempt({ account: user.id, address: clientOf(request) });
    if (!attempt.ok) return { status: 429, text: `Too many codes. Try again in ${inWords(attempt.waitS)}.` };
    try {
      const done = await work();
      // not "succeeded": everybody can have right codes of their own between wrong ones
      if (done !== undefined) attempt.undo();
      return (
        done ?? { status: 404, text: 'This code is not right, or no longer good. Look at the device again.' }
      );
    } finally {
      attempt.done();
    }
  }

  async function look(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { code, typed } = asked(request);
    const { cookie, user } = await sessions.visit(request, reply);
    if (user === undefined || textFields(request.query)['prompt'] === 'login')
      return signInForm.show(request, reply, target(code));
    if (code === undefined)
      return enter(
        request,
        reply,
        typed ? { status: 400, text: 'A code has eight letters, such as BCDF-GHJK.' } : undefined,
      );
    const found = await guarded(request, user, async () => {
      const waiting = await deviceCodes.waiting(code);
      const client = waiting && (await clients.find(waiting.client_id));
      return waiting && client && { scope: waiting.scope, client };
    });
    if ('text' in found) return enter(request, reply, found);
    const action = addressOf(code);
    const token = sessions.formToken(cookie);
    return sendPage(
      reply,
      allowDevicePage({ ...found, code, user, token, action, somebodyElse: `${action}&prompt=login` }),
    );
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const fields = textFields(request.body);
    const { code } = asked(request);
    if (!signInForm.isOwn(request, fields)) return signInForm.stale(request, reply, target(code), fields);
    switch (fields['action']) {
      case 'cancel':
        return sendPage(reply, nothingDonePage());
      case 'enter': {
        const typed = readUserCode(fields['user_code']);
        return send(request, reply, typed === undefined ? `${devicePath}?user_code=-` : addressOf(typed));
      }
      case 'allow':
      case 'deny': {
        const state = fields['action'] === 'allow' ? 'allowed' : 'denied';
        const { user } = await sessions.visit(request, reply);
        if (user === undefined || code === undefined) return send(request, reply, addressOf(code));
        const decided = await guarded(request, user, () => deviceCodes.decide(code, user.id, state));
        if ('text' in decided) return enter(request, reply, decided);
        if (state === 'allowed') await consents.give(user.id, decided.client_id, decided.scope);
        return sendPage(reply, decidedPage(state));
      }
      default:
        return signInForm.answer(request, reply, target(code), fields, addressOf(code));
    }
  }

  return (app) => {
    void app.register(cookie);
    void app.register(formbody, { bodyLimit: 16_384 });
    app.get(devicePath, look);
    app.post(devicePath, answer);
  };
}
