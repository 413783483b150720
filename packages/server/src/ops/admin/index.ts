import { uuidOf } from '@trunkline/wire';
import type { FastifyInstance } from 'fastify';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import type { Fault, FaultKind, FaultMatch } from '../../kernel/http/faults.js';
import { unmaskBase } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { NewClient, NewUser } from '../../modules/identity/api.js';
import type { NewRoomDevice } from '../../modules/lyra/api.js';
import { registrationRoutes } from './registrations.js';
import {
  clientSchema,
  faultSchema,
  guestIssuerSchema,
  revokeSchema,
  roomDeviceSchema,
  tokenSchema,
  userSchema,
} from './schemas.js';

interface FaultBody extends Omit<Fault, 'kind'> {
  readonly kind: FaultKind;
}

function personUuid(name: string, id: string): string {
  const uuid = uuidOf('PEOPLE', id);
  if (uuid !== undefined) return uuid;
  throw badRequest(`${name} must be the uuid or the public id of a person, got ${JSON.stringify(id)}.`);
}

/**
 * The match of a fault, with the person's uuid.
 *
 * @throws ApiError 400 for a match that could never apply: a test would pass without testing anything
 */
function checkedMatch(kind: FaultKind, { path, method, userId }: FaultMatch): FaultMatch {
  if (path !== undefined && !/^\/[^?#]*$/.test(path))
    throw badRequest(
      `match.path must begin with "/" and have no query, got ${JSON.stringify(path)}. It is compared with the whole path, such as /v1/rooms.`,
    );
  if (kind === 'expire-tokens' && (path !== undefined || method !== undefined))
    throw badRequest('expire-tokens takes match.userId only.');
  if (kind === 'drop-sockets' && method !== undefined)
    throw badRequest('drop-sockets takes match.userId and match.path only.');
  const person = userId === undefined ? undefined : personUuid('match.userId', userId);
  return {
    ...(path === undefined ? {} : { path }),
    ...(method === undefined ? {} : { method }),
    ...(person === undefined ? {} : { userId: person }),
  };
}

/** What this version does not have yet, each with what it would be. */
const missing = {
  '/admin/v1/contacts': 'the contact center',
  '/admin/v1/calls': 'calling',
} as const;

/** Every route here needs the admin token, see `kernel/http/access.ts`. */
export const admin = defineModule({
  name: 'admin',
  needs: ['identity', 'lyra', 'mercury', 'onboarding'],
  setup: (kernel, needs) => ({ routes: [adminRoutes(kernel, needs)] }),
});

function adminRoutes(
  kernel: Kernel,
  { identity, lyra, mercury, onboarding }: Needs<'identity' | 'lyra' | 'mercury' | 'onboarding'>,
): Routes {
  const { guests } = identity;
  const { mailer } = onboarding;
  const { tokens, clients, users } = identity;

  async function fault({ match: given, ...body }: FaultBody): Promise<string> {
    const { kind } = body;
    const match = given === undefined ? undefined : checkedMatch(kind, given);
    const lasting = { ...body, ...(match === undefined ? {} : { match }) };
    switch (kind) {
      case 'pause-media':
        throw new ApiError(501, 'This version of the service has no media that could be paused.');
      case 'drop-sockets':
        return kernel.faults.done(kind, match, kernel.sockets.drop(match));
      case 'expire-tokens':
        return kernel.faults.done(kind, match, await tokens.expireAccess(match?.userId));
      case 'delay':
        if (body.delayMs === undefined) throw badRequest('A delay needs delayMs.');
        return kernel.faults.add({ ...lasting, kind });
      case 'status':
        if (body.status === undefined) throw badRequest('The fault status needs a status, such as 503.');
        return kernel.faults.add({ ...lasting, kind });
      case 'refuse-sockets':
        return kernel.faults.add({ ...lasting, kind });
    }
  }

  function routes(app: FastifyInstance): void {
    app.post<{ Body: NewUser }>(
      '/admin/v1/users',
      { schema: { body: userSchema } },
      async (request, reply) => {
        const user = await users.create(request.body);
        const { accessToken, refreshToken, expiresIn } = await tokens.grant(user.id);
        return reply.code(201).send({
          id: user.id,
          orgId: user.org_id,
          email: user.email,
          displayName: user.display_name,
          extension: user.extension,
          accessToken,
          refreshToken,
          expiresIn,
        });
      },
    );

    app.post<{ Body: Omit<NewClient, 'scopes'> & { readonly scopes?: string | readonly string[] } }>(
      '/admin/v1/clients',
      { schema: { body: clientSchema } },
      async (request, reply) => {
        const { clientId, redirectUris, scopes: given = '', name = clientId } = request.body;
        const scopes = typeof given === 'string' ? given : given.join(' ');
        await clients.create({ ...request.body, scopes });
        return reply.code(201).send({ clientId, redirectUris, scopes, name });
      },
    );

    app.post<{ Body: { name?: string } }>(
      '/admin/v1/guest-issuers',
      { schema: { body: guestIssuerSchema } },
      async (request, reply) => reply.code(201).send(await guests.createIssuer(request.body.name)),
    );

    registrationRoutes(app, { identity, guests, mailer });

    app.post<{ Body: { userId?: string; email?: string; clientId?: string; expiresIn?: number } }>(
      '/admin/v1/tokens',
      { schema: { body: tokenSchema } },
      async (request) => {
        const { userId, email, clientId, expiresIn } = request.body;
        if ((userId === undefined) === (email === undefined))
          throw badRequest('Expected exactly one of userId and email.');
        const uuid = userId === undefined ? undefined : personUuid('userId', userId);
        const user = await (email === undefined
          ? identity.userById(uuid ?? '')
          : identity.userByEmail(email));
        if (user === undefined) throw notFound(`Unknown user ${userId ?? email ?? ''}.`);
        const client = clientId === undefined ? undefined : await clients.find(clientId);
        if (clientId !== undefined && client === undefined) throw notFound(`Unknown client ${clientId}.`);
        const issued = await tokens.grant(user.id, { clientId, expiresIn, scope: client?.scope });
        return {
          accessToken: issued.accessToken,
          refreshToken: issued.refreshToken,
          expiresIn: issued.expiresIn,
        };
      },
    );

    app.post<{ Body: { accessToken: string } }>(
      '/admin/v1/tokens/revoke',
      { schema: { body: revokeSchema } },
      async (request, reply) => {
        if ((await tokens.revoke(request.body.accessToken)) === 0)
          throw notFound('There is no such access token.');
        return reply.code(204).send();
      },
    );

    app.post<{ Body: FaultBody }>(
      '/admin/v1/faults',
      { schema: { body: faultSchema } },
      async (request, reply) => reply.code(201).send({ id: await fault(request.body) }),
    );
    app.get('/admin/v1/faults', () => ({ items: kernel.faults.list() }));
    app.get<{ Params: { id: string } }>('/admin/v1/faults/:id', (request) => {
      const report = kernel.faults.report(request.params.id);
      if (report === undefined) throw notFound('There is no such fault.');
      return report;
    });
    app.delete<{ Params: { id: string } }>('/admin/v1/faults/:id', (request, reply) => {
      if (!kernel.faults.remove(request.params.id))
        throw notFound('There is no such fault, or it was removed before.');
      return reply.code(204).send();
    });

    app.get<{ Querystring: { since?: string } }>('/admin/v1/events', async (request) => {
      const { since = '0' } = request.query;
      if (!/^\d{1,15}$/.test(since)) throw badRequest('since must be the position of an event, such as 0.');
      const rows = await mercury.eventsAfter(Number(since), 1000);
      const { base } = kernel.urls(request);
      return {
        items: rows.map((row) => ({
          pos: row.pos,
          id: row.id,
          type: row.type,
          conversationId: row.conversation_id,
          userId: row.user_id,
          created: new Date(row.created_ms).toISOString(),
          data: JSON.parse(unmaskBase(row.payload, base)) as unknown,
        })),
        next: rows.at(-1)?.pos ?? Number(since),
      };
    });

    app.post<{ Body: NewRoomDevice }>(
      '/admin/v1/devices',
      { schema: { body: roomDeviceSchema } },
      async (request, reply) => reply.code(201).send(await lyra.create(request.body, kernel.urls(request))),
    );
    app.get('/admin/v1/devices', async (request) => ({ items: await lyra.list(kernel.urls(request)) }));
    app.delete<{ Params: { id: string } }>('/admin/v1/devices/:id', async (request, reply) => {
      if (!(await lyra.remove(request.params.id))) throw notFound('There is no such room device.');
      return reply.code(204).send();
    });

    for (const [path, what] of Object.entries(missing))
      app.post(path, () => {
        throw new ApiError(501, `This version of the service does not have ${what}.`);
      });
  }
  return routes;
}
