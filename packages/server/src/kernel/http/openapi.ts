import type { FastifyInstance, FastifyRequest } from 'fastify';
import { html, type Html } from '../html/html.js';
import { sendPage } from '../html/pages.js';
import type { RouteEntry } from './access.js';
import { restBase } from './fields.js';

const errorSchema = {
  type: 'object',
  required: ['message', 'errors', 'trackingId'],
  properties: {
    message: { type: 'string', description: 'What happened, for developers.' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { description: { type: 'string' } } },
    },
    trackingId: { type: 'string', description: 'Names the request in the logs of the service.' },
    errorCode: { type: 'integer' },
  },
};

/** `/v1/rooms/:id` as OpenAPI writes it: `/v1/rooms/{id}`. */
const pathOf = (url: string): string => url.replace(/:(\w+)/g, '{$1}');
const tagOf = (url: string): string => url.slice(restBase.length + 1).split('/')[0] ?? '';

// `error` completes our messages; it is not a word of JSON Schema
const withoutErrors = (schema: object): unknown =>
  JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === 'error' ? undefined : value)));

const isPublicRest = ({ method, url }: RouteEntry): boolean =>
  url.startsWith(`${restBase}/`) && method !== 'HEAD' && method !== 'OPTIONS';

/** The public REST API as an OpenAPI 3.1 document. */
export function openApi(routes: readonly RouteEntry[], base: string, version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes.filter(isPublicRest)) {
    const { access, method, operation, url } = route;
    const parameters = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const path = (paths[pathOf(url)] ??= {});
    path[method.toLowerCase()] = {
      tags: [tagOf(url)],
      ...(operation === undefined ? {} : { summary: operation.summary }),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(operation?.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: withoutErrors(operation.body) } },
            },
          }),
      responses: {
        '2XX': { description: 'Done.' },
        '4XX': { $ref: '#/components/responses/Error' },
        '5XX': { $ref: '#/components/responses/Error' },
      },
      ...(access === 'token' ? {} : { security: [] }),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trunkline service: public REST API',
      version,
      description: 'Bodies are described for every operation that changes something; responses are not yet.',
    },
    servers: [{ url: base }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Error: { description: 'Refused.', content: { 'application/json': { schema: errorSchema } } },
      },
    },
  };
}

function operationRow({ method, operation, url }: RouteEntry): Html {
  const names = Object.keys(operation?.body?.properties ?? {});
  const body = names.length === 0 ? undefined : html`<br /><small>${names.join(', ')}</small>`;
  return html`<li><code>${method} ${url}</code> ${operation?.summary ?? ''}${body}</li>`;
}

/** `GET /openapi.json`, and `GET /openapi` for people. Add it after all other routes. */
export function openApiRoutes(
  app: FastifyInstance,
  parts: {
    readonly routes: readonly RouteEntry[];
    readonly version: string;
    readonly baseOf: (request: FastifyRequest) => string;
  },
): void {
  const { baseOf, routes, version } = parts;
  app.get('/openapi.json', (request) => openApi(routes, baseOf(request), version));
  app.get('/openapi', (_, reply) =>
    sendPage(reply, {
      status: 200,
      title: 'REST API',
      body: html`<h1>REST API</h1>
        <p class="lead">
          For tools: <a href="/openapi.json">openapi.json</a>. Every request needs a token, unless noted.
        </p>
        <ul>
          ${routes.filter(isPublicRest).map(operationRow)}
        </ul>`,
    }),
  );
}
