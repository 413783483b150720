// What a person sees who lets a device in.
import { html, raw } from '../../kernel/html/html.js';
import { form, type Page, problemText } from '../../kernel/html/pages.js';
import type { User } from './api.js';
import type { Client } from './clients.js';
import { allowButtons, personCard, scopeList } from './pages.js';

export const enterCodePage = (
  action: string,
  token: string,
  problem?: { readonly status: number; readonly text: string },
): Page => ({
  status: problem?.status ?? 200,
  title: 'Sign in a device',
  redirectUri: 'self',
  body: html`<h1>Sign in a device</h1>
    <p class="lead">Enter the code that the device shows.</p>
    ${problemText(problem)}
    ${form(
      action,
      token,
      html`<label for="user_code">Code</label>
        <input
          id="user_code"
          name="user_code"
          class="code"
          placeholder="BCDF-GHJK"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          maxlength="20"
          required${problem && raw(' aria-describedby="problem"')}
          autofocus
        />
        <div class="buttons">
          <button class="main" type="submit" name="action" value="enter">Continue</button>
          <button type="submit" name="action" value="cancel" formnovalidate>Cancel</button>
        </div>`,
    )}`,
});

export const allowDevicePage = (asked: {
  readonly client: Client;
  readonly scope: string;
  readonly code: string;
  readonly user: User;
  readonly token: string;
  readonly action: string;
  readonly somebodyElse: string;
}): Page => ({
  status: 200,
  title: `Allow ${asked.client.name} on a device?`,
  redirectUri: 'self',
  body: html`<h1>Allow <span class="name">${asked.client.name}</span> on a device?</h1>
    <p class="lead">The device must show this code:</p>
    <p class="shown-code">${asked.code}</p>
    <p class="lead">It asks for the right to</p>
    ${scopeList(asked.scope)} ${personCard(asked.user, asked.somebodyElse)}
    ${form(asked.action, asked.token, allowButtons)}
    <p class="note">
      Allow it only if <strong>you began this</strong>, on a device in front of you. If a user sent you the
      link or the code, do not allow it: they would be signed in as you.
    </p>`,
});

export const decidedPage = (state: 'allowed' | 'denied'): Page =>
  state === 'allowed'
    ? {
        status: 200,
        title: 'The device is signed in',
        body: html`<h1>The device is signed in</h1>
          <p class="lead">Go on there. You can close this window now.</p>`,
      }
    : {
        status: 200,
        title: 'Not allowed',
        body: html`<h1>The device was not let in</h1>
          <p class="lead">You can close this window now.</p>`,
      };

export const nothingDonePage = (): Page => ({
  status: 200,
  title: 'Nothing was changed',
  body: html`<h1>Nothing was changed</h1>
    <p class="lead">You can close this window now.</p>`,
});
