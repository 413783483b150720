import type { KmsInfo } from '@trunkline/wire';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, param, texts } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, Identity } from '../identity/api.js';
import type { StaticKey } from './static-key.js';

const base = servicePaths.encryption;
const maxMessages = 100;

/** @source protocol/kms-and-encryption.md §2, §3.1 */
export const kmsRoutes =
  (identity: Identity, own: StaticKey, handle: (caller: Caller, message: string) => Promise<void>): Routes =>
  (app) => {
    app.get(`${base}/kms/:userId`, async (request): Promise<KmsInfo> => {
      const caller = await identity.caller(request);
      if (param(request.params, 'userId') !== caller.user.id) throw notFound();
      return { kmsCluster: `kms://${own.host}`, rsaPublicKey: JSON.stringify(own.jwk) };
    });

    app.post(`${base}/kms/messages`, async (request, reply) => {
      // the token with the scope for keys stands inside each message: clients carry messages here with their ordinary one
      const caller = await identity.caller(request);
      const messages = texts(fields(request.body)['kmsMessages']);
      if (messages.length === 0 || messages.length > maxMessages)
        throw badRequest(`kmsMessages must hold 1 to ${String(maxMessages)} messages.`);
      const settled = await Promise.allSettled(messages.map((message) => handle(caller, message)));
      // the good ones were answered over the socket; a bad one cannot be, no one could read the answer
      const failed = settled.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined)
        throw failed.reason instanceof ApiError
          ? failed.reason
          : new ApiError(500, 'The key service failed.');
      return reply.code(202).send({});
    });
  };
