// The pages people see: sign in, allow, signed out, and what went wrong. No script, nothing from elsewhere.
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { User } from '../contracts.js';
import { asAsked, asSomebodyElse, type Asked } from './asked.js';
import { html, raw, type Html } from '../../kernel/html/html.js';
import { oauthBase } from './oauth.js';
import { describeScope } from './scopes.js';
import { style } from '../../kernel/html/style.js';

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

export interface SignInState {
  readonly token: string;
  readonly email?: string | undefined;
  readonly problem?: { readonly status: number; readonly text: string } | undefined;
}
/** What somebody signs in for. */
export interface SignInTarget {
  /** where the form goes */
  readonly action: string;
  /** what it is called, after "to continue to" */
  readonly name: string;
  readonly email: string | undefined;
  readonly redirectUri: string;
}
const formOf = (asked: Asked): string => `${oauthBase}/authorize?${asAsked(asked)}`;
export const targetOf = (asked: Asked): SignInTarget => ({
  action: formOf(asked),
  name: asked.client.name,
  email: asked.email,
  redirectUri: asked.redirectUri,
});
export const problemText = (problem: SignInState['problem']): Html | undefined =>
  problem && html`<p class="problem" role="alert" id="problem">${problem.text}</p>`;

export function signInPage(
  target: SignInTarget,
  { token, email = target.email ?? '', problem }: SignInState,
): Page {
  const mark = problem && raw(' aria-describedby="problem"');
  const focus = raw(' autofocus');
  return {
    status: problem?.status ?? 200,
    title: 'Sign in',
    redirectUri: target.redirectUri,
    body: html`<h1>Sign in</h1>
      <p class="lead">to continue to <strong>${target.name}</strong></p>
      ${problemText(problem)}${form(
        target.action,
        token,
        html` <label for="email">Email</label>
          <input
            id="email"
            name="email"
            type="email"
            value="${email}"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            maxlength="254"
            required${mark}${email === '' ? focus : undefined}
          />
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            maxlength="256"
            required${mark}${email === '' ? undefined : focus}
          />
          <div class="buttons">
            <button class="main" type="submit" name="action" value="sign-in">Sign in</button>
            <button type="submit" name="action" value="cancel" formnovalidate>Cancel</button>
          </div>`,
      )}`,
  };
}

/** An address as people read it: where it is, without what else is in it. */
function placeOf(uri: string): string {
  const url = new URL(uri);
  return url.host === '' ? `the program for ${url.protocol}//` : url.host;
}

export const scopeList = (scope: string): Html =>
  html`<ul class="scopes">
    ${scope.split(' ').map((each) => html`<li>${describeScope(each)}</li>`)}
  </ul>`;

/** Who is signed in, and the way to be somebody else. */
export const personCard = (user: User, somebodyElse: string): Html =>
  html`<div class="person">
    <span class="initial" aria-hidden="true"
      >${String.fromCodePoint(user.display_name.codePointAt(0) ?? 63)}</span
    >
    <p><strong>${user.display_name}</strong><br /><span class="quiet">${user.email}</span></p>
    <a href="${somebodyElse}">Not you?</a>
  </div>`;

export const allowButtons = html`<div class="buttons">
  <button class="main" type="submit" name="action" value="allow">Allow</button>
  <button type="submit" name="action" value="deny">Do not allow</button>
</div>`;

export const consentPage = (asked: Asked, user: User, token: string): Page => ({
  status: 200,
  title: `Allow ${asked.client.name}?`,
  redirectUri: asked.redirectUri,
  body: html`<h1>Allow <span class="name">${asked.client.name}</span>?</h1>
    <p class="lead">This app asks for the right to</p>
    ${scopeList(asked.scope)} ${personCard(user, `${oauthBase}/authorize?${asSomebodyElse(asked)}`)}
    ${form(formOf(asked), token, allowButtons)}
    <p class="note">
      You will return to <strong>${placeOf(asked.redirectUri)}</strong>. Allow only what you trust: this
      service does not check apps.
    </p>`,
});

export const lostPage = (why: string): Page => ({
  status: 400,
  title: 'This link does not work',
  body: html`<h1>This link does not work</h1>
    <p class="problem" role="alert">${why}</p>
    <p class="note">
      Nothing was sent anywhere. Go back to the app; if it happens again, tell the people who run it.
    </p>`,
});

/** Asks before a session ends that only its cookie speaks for: any page can lead a browser here. */
export const signOutPage = (user: User, token: string, goto: string): Page => ({
  status: 200,
  title: 'Sign out?',
  redirectUri: goto === '' ? 'self' : goto,
  body: html`<h1>Sign out?</h1>
    <p class="lead">You are signed in as <strong>${user.display_name}</strong> (${user.email}).</p>
    ${form(
      `${oauthBase}/logout`,
      token,
      html` <input type="hidden" name="goto" value="${goto}" />
        <div class="buttons"><button class="main" type="submit">Sign out</button></div>`,
    )}`,
});

export const signedOutPage = (): Page => ({
  status: 200,
  title: 'Signed out',
  body: html`<h1>You are signed out</h1>
    <p class="lead">You can close this window now.</p>`,
});
