import type { FastifyInstance } from 'fastify';
import { notFound } from '../../kernel/http/errors.js';
import type { Guests, Identity } from '../../modules/identity/api.js';
import type { Mailer } from '../../modules/onboarding/api.js';

/** Which apps and guest issuers are registered, how one is removed, and the mails that wait to be sent. */
export function registrationRoutes(
  app: FastifyInstance,
  parts: { readonly identity: Identity; readonly guests: Guests; readonly mailer: Mailer },
): void {
  const { guests, mailer } = parts;
  const { clients, tokens } = parts.identity;

  app.get('/admin/v1/clients', async () => ({
    items: (await clients.list()).map(({ id, name, redirectUris, scope, isPublic, createdMs }) => ({
      clientId: id,
      name,
      redirectUris,
      scopes: scope,
      isPublic,
      created: new Date(createdMs).toISOString(),
    })),
  }));
  app.delete<{ Params: { id: string } }>('/admin/v1/clients/:id', async (request, reply) => {
    if (!(await clients.remove(request.params.id, tokens))) throw notFound('There is no such client.');
    return reply.code(204).send();
  });

  app.get('/admin/v1/guest-issuers', async () => ({
    items: (await guests.listIssuers()).map(({ issuer, name, createdMs }) => ({
      issuer,
      name,
      created: new Date(createdMs).toISOString(),
    })),
  }));
  app.delete<{ Params: { id: string } }>('/admin/v1/guest-issuers/:id', async (request, reply) => {
    if (!(await guests.removeIssuer(request.params.id))) throw notFound('There is no such guest issuer.');
    return reply.code(204).send();
  });

  app.get('/admin/v1/outbox', async () => ({
    items: (await mailer.list()).map(({ id, to, subject, text, createdMs }) => ({
      id,
      to,
      subject,
      text,
      created: new Date(createdMs).toISOString(),
    })),
  }));
}
