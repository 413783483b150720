import type { FastifyRequest } from 'fastify';
import { type ApiError, notFound } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, Identity } from '../identity/api.js';
import { Attempts } from './attempts.js';
import type { Captchas } from './captcha.js';
import { isExpected } from './entry.js';
import type { Finder } from './finder.js';
import type { Permissions } from './permission.js';
import type { Secrets } from './places.js';
import { refusedWith } from './refusals.js';
import { showPlace, showReachable } from './show.js';
import type { PlaceRow } from './store.js';
import { placeOf } from './places.js';

export interface InfoParts {
  readonly kernel: Kernel;
  readonly identity: Pick<Identity, 'caller' | 'userById'>;
  readonly finder: Finder;
  readonly secrets: Secrets;
  readonly permissions: Permissions;
  readonly captchas: Captchas;
}

const base = servicePaths['webex-appapi-service'];

/** Meeting info: what a client needs to know before it joins. @source protocol/meetings-signalling.md §3 */
export function infoRoutes(parts: InfoParts): Routes {
  const { kernel, identity, finder, secrets, permissions, captchas } = parts;
  const { db } = kernel.store;
  const attempts = new Attempts(() => kernel.now());

  const captchaFields = (request: FastifyRequest, id: string): object => {
    const url = `${kernel.urls(request).service('webex-appapi-service')}/captcha/${id}`;
    return {
      captchaID: id,
      verificationImageURL: `${url}/image`,
      verificationAudioURL: `${url}/audio`,
      refreshURL: `${url}/refresh?`,
    };
  };

  /** Checks captcha and password of who needs them. @throws ApiError 403, 423 */
  async function checkPassword(request: FastifyRequest, caller: Caller, row: PlaceRow): Promise<void> {
    if (row.password === null || (await isExpected({ db, identity }, row, caller.user.id))) return;
    const { password, captchaID, captchaVerifyCode } = fields(request.body);
    const given = text(password);
    const key = `${caller.user.id} ${row.id}`;
    const data = { meetingInfo: showReachable(kernel.urls(request), placeOf(row)) };
    const captchaRequired = (code: number, message: string): ApiError =>
      refusedWith(423, code, message, { ...captchaFields(request, captchas.issue()), data });
    if (given !== undefined && attempts.isExhausted(key)) {
      const id = text(captchaID);
      const solved = id !== undefined && captchas.answer(id, text(captchaVerifyCode) ?? '');
      if (!solved) throw captchaRequired(423001, 'Too many wrong passwords: solve the captcha.');
    }
    // the host key opens the meeting, too
    if (given !== undefined && (secrets.isPassword(row, given) || secrets.isHostKey(row, given))) {
      attempts.succeed(key);
      return;
    }
    if (given !== undefined) attempts.fail(key);
    if (attempts.isExhausted(key))
      throw captchaRequired(423005, 'The password is wrong, and a captcha has to be solved.');
    throw refusedWith(403, 403004, 'The meeting needs its password.', { data });
  }

  return (app) => {
    app.post(`${base}/meetingInfo`, async (request) => {
      const caller = await identity.caller(request, 'spark:all');
      const found = await finder.inBody(caller, request.body);
      if (found === undefined) throw notFound('There is no such meeting.');
      const { place, row } = found;
      const shown = showPlace(kernel.urls(request), place);
      if (row === undefined) return shown;
      await checkPassword(request, caller, row);
      return { ...shown, permissionToken: permissions.grant(caller.user.id, row.id, kernel.now()) };
    });
    for (const [kind, type] of [
      ['image', 'image/svg+xml'],
      ['audio', 'audio/wav'],
    ] as const)
      app.get<{ Params: { id: string } }>(`${base}/captcha/:id/${kind}`, (request, reply) => {
        const captcha = captchas.find(request.params.id);
        if (captcha === undefined) throw notFound();
        return reply.type(type).header('cache-control', 'no-store').send(captcha[kind]);
      });
    app.post<{ Params: { id: string } }>(`${base}/captcha/:id/refresh`, async (request) => {
      await identity.caller(request, 'spark:all');
      const { id } = request.params;
      if (captchas.find(id) === undefined) throw notFound();
      captchas.forget(id);
      return captchaFields(request, captchas.issue());
    });
  };
}
