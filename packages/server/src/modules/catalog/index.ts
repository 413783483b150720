import { uuidOf } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from '../../kernel/http/client-address.js';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { param } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule } from '../../kernel/module.js';
import { isGuest } from '../conversation/api.js';
import type { Identity } from '../identity/api.js';
import { hostMapCatalog, listCatalog } from './catalog.js';

/** U2C, and the region of this service. @source protocol/identity-and-services.md §4 */
export const catalog = defineModule({
  name: 'catalog',
  needs: ['identity'],
  setup: (kernel, { identity }) => ({ routes: [catalogRoutes(kernel, identity)] }),
});

const catalogRoutes =
  (kernel: Kernel, identity: Identity): Routes =>
  (app) => {
    const answer = (request: FastifyRequest): object => {
      const { base } = kernel.urls(request);
      const { format } = request.query as { format?: unknown };
      return format === 'U2CV2'
        ? listCatalog(base, identity.orgId, kernel.now())
        : hostMapCatalog(base, kernel.address.tlsPort);
    };
    app.get(`${servicePaths.u2c}/catalog`, async (request) => {
      await identity.caller(request);
      return answer(request);
    });
    app.get(`${servicePaths.u2c}/limited/catalog`, (request, reply) => {
      const userId = param(request.query, 'userId');
      if (userId !== undefined && uuidOf('PEOPLE', userId) === undefined)
        throw badRequest('userId must be the id of a person.');
      return reply.send(answer(request));
    });
    app.get(`${servicePaths.u2c}/signin/catalog`, async (request) => {
      const emailHash = param(request.query, 'emailhash');
      const caller =
        emailHash === undefined ? undefined : await identity.callerIfAny(request.headers.authorization);
      // who shows no token does not learn who has an account
      if (
        emailHash !== undefined &&
        caller !== undefined &&
        !isGuest(caller.user) &&
        !(await identity.hasEmailHash(emailHash))
      )
        throw notFound('No account has this email address.');
      return answer(request);
    });
    app.get('/v1/region', (request, reply) =>
      reply.send({
        clientAddress: clientAddress(kernel.config, request.raw),
        countryCode: 'US',
        regionCode: 'US-EAST',
        clientRegion: 'US-EAST',
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      }),
    );
  };
