// The frame of every page that people see. No script, nothing from elsewhere.
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { html, type Html, raw } from './html.js';
import { style } from './style.js';

const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
// its text must be to the letter what the hash is of
const sheet = raw(`<style>${style}</style>`);
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='9' fill='%230b6e69'/%3E%3Cpath d='M9 11h14M16 11v11' stroke='%23fff' stroke-width='3.5' stroke-linecap='round'/%3E%3C/svg%3E";
const logo = raw(
  '<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="9" fill="var(--accent)"/><path d="M9 11h14M16 11v11" stroke="var(--on-accent)" stroke-width="3.5" stroke-linecap="round"/></svg>',
);

export interface Page {
  readonly status: number;
  readonly body: Html;
  readonly title: string;
  /** the address that a form of this page ends at; `self`: it stays here. Without it the page has no form */
  readonly redirectUri?: string;
}

/**
 * Where forms may lead. Browsers apply this to every redirect that follows, also to those that the app's own server goes
 * on with; so it names the scheme of the app's address, not its host.
 */
function formTargets(redirectUri: string | undefined): string {
  if (redirectUri === undefined) return "'none'";
  if (redirectUri === 'self') return "'self'";
  const { protocol } = new URL(redirectUri);
  return `'self' ${[...new Set(['https:', protocol])].join(' ')}`;
}

export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const { status, body, title, redirectUri } = page;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · Trunkline</title>
        <link rel="icon" href="${raw(icon)}" />
        ${sheet}
      </head>
      <body>
        <main class="card">
          <p class="brand">${logo}<span>Trunkline</span></p>
          ${body}
        </main>
      </body>
    </html> `;
  return reply
    .code(status)
    .removeHeader('access-control-allow-origin')
    .removeHeader('access-control-expose-headers')
    .headers({
      'content-security-policy': [
        "default-src 'none'",
        `style-src ${styleSource}`,
        'img-src data:',
        `form-action ${formTargets(redirectUri)}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .type('text/html; charset=utf-8')
    .send(document.text);
}

/** With the token against forged ones. */
export const form = (action: string, token: string, inside: Html): Html =>
  html` <form method="post" action="${action}">
    <input type="hidden" name="form_token" value="${token}" />
    ${inside}
  </form>`;

/** A problem with what was sent, above a form. */
export const problemText = (problem: { readonly text: string } | undefined): Html | undefined =>
  problem && html`<p class="problem" role="alert" id="problem">${problem.text}</p>`;
