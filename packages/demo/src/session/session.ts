import { signal } from '@preact/signals';
import { browserAuth, type BrowserAuth } from '@trunkline/auth';
import { webStorage } from '@trunkline/core';
import { createInspector } from '../stores/inspector.js';
import { tellError } from '../stores/toasts.js';
import { makeClient } from './client.js';
import { loadConfig, type DemoConfig } from './config.js';
import { createApp, type App } from './create-app.js';

export type Session =
  | { readonly kind: 'starting' }
  | { readonly kind: 'signed-out'; readonly config: DemoConfig; readonly leaving?: boolean }
  | { readonly kind: 'signed-in'; readonly app: App }
  | { readonly kind: 'failed'; readonly error: unknown };

export const session = signal<Session>({ kind: 'starting' });
let auth: BrowserAuth | undefined;

/** Finds out who is signed in: from the address bar after a sign-in, from the tab's storage after a reload. */
export async function startSession(): Promise<void> {
  try {
    const config = await loadConfig();
    auth = browserAuth({
      service: config.service,
      clientId: config.clientId,
      redirectUri: `${location.origin}/`,
      scopes: 'spark:all spark:kms',
      storage: webStorage({ area: 'session' }), // a person per tab: two windows, two people
    });
    let known = false;
    try {
      known = await auth.restore();
    } catch (error) {
      tellError('You were not signed in', error);
    }
    if (!known) {
      session.value = { kind: 'signed-out', config };
      return;
    }
    const inspector = createInspector();
    const client = makeClient(config.service, auth.token, inspector.onRequest);
    inspector.watch(client);
    let app: App;
    try {
      app = createApp(client, await client.people.me(), inspector);
    } catch (error) {
      await client.close();
      throw error;
    }
    session.value = { kind: 'signed-in', app };
    app.start().catch((error: unknown) => {
      tellError('The rooms could not be read', error);
    });
  } catch (error) {
    session.value = { kind: 'failed', error };
  }
}

/** @param email fills in the sign-in page */
export async function signIn(email?: string): Promise<void> {
  const now = session.value;
  if (now.kind === 'signed-out') session.value = { ...now, leaving: true };
  try {
    await auth?.signIn(email === undefined ? {} : { loginHint: email });
  } catch (error) {
    tellError('The sign-in page could not be opened', error);
    session.value = now;
  }
}

export async function signOut(): Promise<void> {
  const now = session.value;
  session.value = { kind: 'starting' };
  if (now.kind === 'signed-in') await now.app.close();
  await auth?.signOut();
}
