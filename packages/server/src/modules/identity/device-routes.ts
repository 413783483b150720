import formbody from '@fastify/formbody';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../../kernel/http/errors.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Client, Clients } from './clients.js';
import { deviceCodeLifeS, type DeviceCodes, deviceIntervalS } from './device-codes.js';
import { devicePath } from './device-page-routes.js';
import { needed, oauthError, type OauthFields, registeredClient, textFields, tokenAnswer } from './oauth.js';
import { covers, sortScope } from './scopes.js';

const base = `${servicePaths['oauth-helper']}/actions/device`;

/** Clients look for these words in `message`, the standard has them in `error`. */
const refused = (status: 400 | 428, error: string, error_description: string): ApiError =>
  new ApiError(status, error, { body: { error, error_description, message: error } });

/** Where a device asks for a code, and then for what it gave. @source protocol/identity-and-services.md §3.5 */
export function deviceRoutes(
  kernel: Kernel,
  parts: { readonly clients: Clients; readonly deviceCodes: DeviceCodes },
): Routes {
  const { clients, deviceCodes } = parts;

  async function who(request: FastifyRequest, fields: OauthFields): Promise<Client> {
    const client = await registeredClient(clients, request, fields);
    const named = fields['client_id'];
    if (named !== undefined && named !== client.id)
      throw oauthError('invalid_request', 'The client_id is not the one of the Basic credentials.');
    return client;
  }

  return (app) => {
    void app.register(formbody, { bodyLimit: 16_384 });
    app.addHook('onRequest', (_, reply, done) => {
      void reply.header('cache-control', 'no-store');
      done();
    });

    app.post(`${base}/authorize`, async (request) => {
      const fields = textFields(request.body);
      const client = await who(request, fields);
      const scope = sortScope(fields['scope'] ?? '') || sortScope(client.scope);
      if (!covers(client.scope, scope))
        throw oauthError('invalid_scope', 'The client is not registered for all of these scopes.');
      const { deviceCode, userCode } = await deviceCodes.create(client.id, scope);
      const page = kernel.urls(request).base + devicePath;
      return {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: page,
        // as the standard has it: with `userCode` the official client leads to a page of the cloud instead of this one
        verification_uri_complete: `${page}?user_code=${userCode}`,
        expires_in: deviceCodeLifeS,
        interval: deviceIntervalS,
      };
    });

    app.post(`${base}/token`, async (request) => {
      const fields = textFields(request.body);
      const client = await who(request, fields);
      if (needed(fields, 'grant_type') !== 'urn:ietf:params:oauth:grant-type:device_code')
        throw oauthError('unsupported_grant_type', 'Only codes of devices are exchanged here.');
      const polled = await deviceCodes.poll(needed(fields, 'device_code'), client.id);
      switch (polled) {
        case 'pending':
          throw refused(
            428,
            'authorization_pending',
            'The user has not decided yet. Ask again after the interval.',
          );
        case 'slow_down':
          throw refused(400, 'slow_down', 'The device asks too often. Wait twice the interval.');
        case 'denied':
          throw refused(400, 'access_denied', 'The person did not allow it.');
        case 'expired':
          throw refused(400, 'expired_token', 'The code has expired. Ask for a new one.');
        case 'used':
          throw oauthError('invalid_grant', 'The code was used before; what it gave is revoked.');
        case 'unknown':
          throw oauthError('invalid_grant', 'The code is not known, or was made for another client.');
        default:
          return tokenAnswer(polled);
      }
    });
  };
}
