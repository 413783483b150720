// What hangs on the wall of the simulated room: a page for anyone who has its address. No script, nothing from elsewhere.
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { html, raw } from '../../kernel/html/html.js';
import type { RoomDevice } from './store.js';

const style = `
:root { color-scheme: dark; }
body {
  margin: 0; min-height: 100vh; display: grid; place-content: center; gap: 2rem; text-align: center;
  color: #e8f0ef; background: radial-gradient(circle at 50% 30%, #12413f, #0b1414 70%);
  font: 1.25rem/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
h1 { margin: 0; font-size: clamp(1.5rem, 5vw, 3rem); font-weight: 600; }
.pin { margin: 0; font-size: clamp(4rem, 22vw, 14rem); font-weight: 700; line-height: 1; letter-spacing: .08em; font-variant-numeric: tabular-nums; color: #75d6cb; }
p { margin: 0; color: #a3b4b3; }
.people { color: #e8f0ef; }
`;
const source = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
const sheet = raw(`<style>${style}</style>`);

export function sendScreen(reply: FastifyReply, device: RoomDevice, names: readonly string[]): FastifyReply {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta http-equiv="refresh" content="1" />
        <title>${device.display_name}</title>
        ${sheet}
      </head>
      <body>
        <h1>${device.display_name}</h1>
        <div>
          <p>To pair, tell this PIN</p>
          <p class="pin" id="pin">${device.pin}</p>
        </div>
        <p class="people" id="people">${names.length === 0 ? 'No one is paired' : names.join(', ')}</p>
        <p id="audio">Volume ${device.volume} · microphones ${device.muted === 1 ? 'off' : 'on'}</p>
      </body>
    </html> `;
  return reply
    .removeHeader('access-control-allow-origin')
    .removeHeader('access-control-expose-headers')
    .headers({
      'content-security-policy': `default-src 'none'; style-src ${source}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .type('text/html; charset=utf-8')
    .send(document.text);
}
