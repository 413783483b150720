// The pages people see: sign in, allow, signed out, and what went wrong. No script, nothing from elsewhere.
import { html, type Html, raw } from '../../kernel/html/html.js';
import { form, type Page, problemText } from '../../kernel/html/pages.js';
import type { User } from './api.js';
import { type AuthorizeRequest, toOtherAccountQuery, toQuery } from './authorize-request.js';
import { oauthBase } from './oauth.js';
import { describeScope } from './scopes.js';

export interface SignInState {
  readonly token: string;
  readonly email?: string | undefined;
  readonly problem?: { readonly status: number; readonly text: string } | undefined;
}
/** What a user signs in for. */
export interface SignInTarget {
  /** where the form goes */
  readonly action: string;
  /** what it is called, after "to continue to" */
  readonly name: string;
  readonly email: string | undefined;
  readonly redirectUri: string;
}
const formOf = (authorize: AuthorizeRequest): string => `${oauthBase}/authorize?${toQuery(authorize)}`;
export const targetOf = (authorize: AuthorizeRequest): SignInTarget => ({
  action: formOf(authorize),
  name: authorize.client.name,
  email: authorize.email,
  redirectUri: authorize.redirectUri,
});
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

/** Who is signed in, and a link to use another account. */
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

export const consentPage = (authorize: AuthorizeRequest, user: User, token: string): Page => ({
  status: 200,
  title: `Allow ${authorize.client.name}?`,
  redirectUri: authorize.redirectUri,
  body: html`<h1>Allow <span class="name">${authorize.client.name}</span>?</h1>
    <p class="lead">This app asks for the right to</p>
    ${scopeList(authorize.scope)}
    ${personCard(user, `${oauthBase}/authorize?${toOtherAccountQuery(authorize)}`)}
    ${form(formOf(authorize), token, allowButtons)}
    <p class="note">
      You will return to <strong>${placeOf(authorize.redirectUri)}</strong>. Allow only what you trust: this
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
