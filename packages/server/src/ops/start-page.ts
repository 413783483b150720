import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { html, type Html, raw } from '../kernel/html/html.js';
import { style } from '../kernel/html/style.js';
import { VERSION } from '../version.js';

const looks = `${style}
.card { max-width: 40rem; }
pre { margin: .5rem 0 1rem; padding: .75rem .9rem; overflow-x: auto; border-radius: .55rem; background: var(--soft); font-size: .875rem; }
ul { margin: 0; padding-left: 1.2rem; }
li { margin: .35rem 0; }
a { color: var(--accent); }
`;
const hash = createHash('sha256').update(looks).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const page = (base: string): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Trunkline service</title>
        <style>
          ${raw(looks)}
        </style>
      </head>
      <body>
        <main class="card">
          <h1>Trunkline service</h1>
          <p class="lead">Version ${VERSION}. This is the address that clients connect to:</p>
          <pre><code>createClient({ service: '${base}', token, plugins: [rooms(), messages()] })</code></pre>
          <ul>
            <li>
              The demo messenger: <code>npm start</code> in a clone of the repository serves it and prints its
              address (<a href="http://127.0.0.1:8081/">http://127.0.0.1:8081</a> unless you chose another
              port).
            </li>
            <li>
              The documentation: <code>npm run docs -- --serve</code> in the repository, or its folder
              <code>docs</code>.
            </li>
            <li>
              Your account, the apps you allowed and the browsers you are signed in with:
              <a href="/idbroker/account">account</a>.
            </li>
            <li>
              The REST API of this service: <a href="/openapi">/openapi</a>, as OpenAPI
              <a href="/openapi.json">/openapi.json</a>.
            </li>
            <li>For operators: <a href="/healthz">/healthz</a>, and <code>/metrics</code> for Prometheus.</li>
          </ul>
        </main>
      </body>
    </html> `;

const wantsHtml = (request: FastifyRequest): boolean => /\btext\/html\b/i.test(request.headers.accept ?? '');

/** `GET /`: what this is and where to go next, as a page for browsers and as JSON for everything else. */
export function startPage(app: FastifyInstance, baseOf: (request: FastifyRequest) => string): void {
  app.get('/', (request, reply) => {
    void reply.header('vary', 'accept').header('x-content-type-options', 'nosniff');
    const base = baseOf(request);
    if (!wantsHtml(request))
      return reply.send({
        name: 'trunkline',
        version: VERSION,
        service: base,
        health: `${base}/healthz`,
        account: `${base}/idbroker/account`,
      });
    return reply
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(page(base).text);
  });
}
