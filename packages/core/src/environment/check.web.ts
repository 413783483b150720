import { web } from '../kernel/platform.js';
import { inspect, type EnvironmentCheck, type EnvironmentOptions, type Probe } from './inspect.js';

const DATABASE = 'trunkline-check';

const inPages: readonly Probe[] = [
  {
    name: 'localStorage',
    needed: false,
    purpose: 'who is signed in is kept in it over a reload',
    remedy:
      'the browser forbids it here (private window, blocked cookies, worker, sandboxed frame); give another storage',
    test: () => {
      localStorage.setItem(DATABASE, '1');
      localStorage.removeItem(DATABASE);
      return true;
    },
  },
  {
    name: 'indexedDB',
    needed: false,
    purpose: 'keys and more are kept in it over a reload',
    remedy:
      'the browser forbids it here (private window, blocked cookies, sandboxed frame); give another storage',
    test: () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open(DATABASE);
        request.onsuccess = () => {
          request.result.close();
          indexedDB.deleteDatabase(DATABASE);
          resolve(true);
        };
        request.onerror = () => {
          reject(request.error ?? new Error('refused'));
        };
      }),
  },
  {
    name: 'XMLHttpRequest',
    needed: false,
    purpose: 'uploads tell by it how far they are',
    remedy: 'send from the page instead of a service worker where progress is shown',
    test: () => typeof XMLHttpRequest === 'function',
  },
];

/**
 * What the SDK needs here and whether it is there, for a support page or a pre-flight check. With `service` it also tries
 * to reach that, by request and by socket, for at most `timeoutMs`. Never throws; nothing is left behind.
 *
 * @example
 * for (const { name, ok, needed, why } of await checkEnvironment({ service }))
 *   if (!ok) console.warn(needed ? 'needed' : 'optional', name, why);
 */
export const checkEnvironment = (options: EnvironmentOptions = {}): Promise<readonly EnvironmentCheck[]> =>
  inspect(options, web.WebSocket(), inPages);
