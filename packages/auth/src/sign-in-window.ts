import { sdkError, type Clock } from '@trunkline/core';
import type { Answer } from './answer.js';
import type { OpenedWindow, Page } from './page.js';
import { decodeState } from './state-object.js';

/** An answer on its way from the sign-in window to the one that opened it, and the word that it was taken. */
type Handed = { readonly answer: Answer } | { readonly taken: string };

const POLL_MS = 500;
// the page that opened the window is on this machine, and answers at once or never
const TAKEN_WITHIN_MS = 2_000;
const CLOSES_WITHIN_MS = 2_000;

/**
 * In the window that began: waits for the answer with our own state.
 *
 * @throws {SdkError} `ERR_AUTH_DENIED` when the window was closed before; `ERR_ENVIRONMENT` where windows cannot talk
 */
export function answerFrom(
  opened: OpenedWindow,
  { page, name, csrf, clock }: { page: Page; name: string; csrf: string; clock: Clock },
): Promise<Answer> {
  const channel = page.channel(name);
  if (channel === undefined) {
    opened.close();
    return Promise.reject(
      sdkError('ERR_ENVIRONMENT', 'windows cannot talk here; call signIn without separateWindow'),
    );
  }
  return new Promise((resolve, reject) => {
    let cancel: () => void = () => undefined;
    const end = (): void => {
      cancel();
      channel.close();
    };
    const look = (): void => {
      if (opened.closed) {
        end();
        reject(sdkError('ERR_AUTH_DENIED', 'the sign-in window was closed before anybody signed in'));
      } else cancel = clock.after(POLL_MS, look);
    };
    channel.listen((message) => {
      const { answer } = message as { readonly answer?: Answer };
      if (answer === undefined || decodeState(answer.state)?.csrf !== csrf) return;
      channel.post({ taken: csrf } satisfies Handed);
      end();
      resolve(answer);
    });
    look();
  });
}

/**
 * In the sign-in window, back from the service: hands the answer over, and closes the window.
 *
 * @returns false when no one took it: the window that began is gone, and this one goes on alone
 */
export async function handOver(
  answer: Answer,
  { page, name, csrf, clock }: { page: Page; name: string; csrf: string; clock: Clock },
): Promise<boolean> {
  const channel = page.channel(name);
  if (channel === undefined) return false;
  const taken = await new Promise<boolean>((resolve) => {
    const cancel = clock.after(TAKEN_WITHIN_MS, () => {
      resolve(false);
    });
    channel.listen((message) => {
      if ((message as { readonly taken?: string }).taken !== csrf) return;
      cancel();
      resolve(true);
    });
    channel.post({ answer } satisfies Handed);
  });
  channel.close();
  if (!taken) return false;
  page.close();
  // scripts still run for a moment: the app should not see "no one signed in" and begin again
  await new Promise<void>((resolve) => {
    clock.after(CLOSES_WITHIN_MS, resolve);
  });
  return true;
}
