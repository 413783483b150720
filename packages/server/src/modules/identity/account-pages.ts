// What a person sees of their own account.
import { html, type Html } from '../../kernel/html/html.js';
import { form, type Page } from '../../kernel/html/pages.js';
import type { User } from './api.js';
import type { HeldGrant } from './grants.js';
import { personCard } from './pages.js';
import { describeScope } from './scopes.js';
import type { OwnSession } from './sessions.js';

/** Of a user agent what people recognise; the rest is noise. */
export function browserName(agent: string): string {
  // most call themselves by the names of others as well: those who do come first
  const browser =
    ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`)) ??
    (agent === '' ? undefined : 'Another program');
  const names: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera' };
  const system = /\b(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)\b/.exec(agent)?.[1];
  if (browser === undefined) return 'A browser';
  return `${names[browser] ?? browser}${system === undefined ? '' : ` on ${system}`}`;
}

const since = (ms: number): string =>
  ms === 0 ? '' : `since ${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export function accountPage(shown: {
  readonly user: User;
  readonly token: string;
  readonly action: string;
  readonly grants: readonly HeldGrant[];
  readonly sessions: readonly OwnSession[];
}): Page {
  const { user, token, action, grants, sessions } = shown;
  const apps: Html =
    grants.length === 0
      ? html`<p class="quiet">No app may act for you.</p>`
      : html`<ul class="rows">
          ${grants.map(
            ({ clientId, name, scope, active }) =>
              html`<li>
                <p>
                  <strong>${name}</strong><br /><span class="quiet"
                    >${scope.split(' ').map(describeScope).join('. ')}.
                    ${active ? 'Signed in now.' : 'Not signed in now.'}</span
                  >
                </p>
                <button type="submit" name="withdraw" value="${clientId}">Withdraw</button>
              </li>`,
          )}
        </ul>`;
  return {
    status: 200,
    title: 'Your account',
    redirectUri: 'self',
    body: html`<h1>Your account</h1>
      <p class="lead">Which apps act for you, and where you are signed in.</p>
      ${personCard(user, `${action}?prompt=login`)}
      ${form(
        action,
        token,
        html`<h2>Apps</h2>
          ${apps}
          <h2>Browsers signed in here</h2>
          <ul class="rows">
            ${sessions.map(
              ({ id, agent, startedMs, isThis }) =>
                html`<li>
                  <p>
                    <strong>${browserName(agent)}</strong><br /><span class="quiet"
                      >${since(startedMs)}${isThis ? ', this one' : ''}</span
                    >
                  </p>
                  ${isThis ? undefined : html`<button type="submit" name="end" value="${id}">Sign out</button>`}
                </li>`,
            )}
          </ul>
          <div class="buttons">
            <button type="submit" name="action" value="sign-out">Sign out here</button>
          </div>`,
      )}
      <p class="note">
        Withdrawing ends what an app holds at once; it asks again when you come back to it.
      </p>`,
  };
}
