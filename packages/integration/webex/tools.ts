import type { Cloud, CloudPerson } from '@trunkline/testing';
import { Webex, type Emits, type WebexConfig } from '@trunkline/webex';

/** What an emitter says, as it comes; `next` also finds what has come already. */
export function collect<T>(emitter: Emits, event: string) {
  const seen: T[] = [];
  const waiting = new Set<() => void>();
  emitter.on(event, (one: never) => {
    seen.push(one);
    for (const look of [...waiting]) look();
  });
  const next = (wanted: (one: T) => boolean = () => true, withinMs = 10_000): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`no such '${event}' within ${String(withinMs)} ms; ${String(seen.length)} others`));
      }, withinMs);
      const look = (): void => {
        // not find: what some events carry is undefined
        const at = seen.findIndex(wanted);
        if (at < 0) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(seen[at] as T);
      };
      waiting.add(look);
      look();
    });
  return { seen, next };
}

/** Someone's Webex, ready. */
export async function signIn(
  cloud: Cloud,
  who: string | CloudPerson,
  config: WebexConfig = {},
): Promise<Webex> {
  const { accessToken } = typeof who === 'string' ? await cloud.person(who) : who;
  const webex = Webex.init({
    credentials: { access_token: accessToken },
    config: {
      logger: { level: 'silent' },
      services: { discovery: { hydra: `${cloud.url}/v1`, u2c: `${cloud.url}/u2c/api/v1` } },
      ...config,
    },
  });
  await webex.when('ready');
  return webex;
}

export async function refusal(
  work: Promise<unknown>,
): Promise<Error & { statusCode?: number; code?: string }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
