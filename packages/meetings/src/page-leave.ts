// A page that goes away leaves its meetings: a request that outlives the page, with everything prepared before.
import type { Host } from '@trunkline/core';
import type { RequestOptions } from '@trunkline/core';

/** What `fetch` takes, ready to be sent without waiting for anything. */
interface Prepared {
  readonly url: string;
  readonly init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly keepalive: true;
  };
}

export interface PageLeave {
  /** Prepares the leaving of a meeting; again after each change, because the token may be another one. */
  prepare(id: string, request: RequestOptions): void;
  /** The meeting is over. */
  forget(id: string): void;
  close(): void;
}

/** Does nothing outside a page. */
export function createPageLeave(host: Pick<Host, 'accessToken' | 'report'>): PageLeave {
  const prepared = new Map<string, Prepared>();
  /** the newest preparation of each meeting: older ones, and those of meetings that are over, come too late */
  const newest = new Map<string, object>();
  const page = globalThis as Partial<
    Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & { readonly document: unknown }
  >;
  const leaveAll = (): void => {
    // nothing waits for it: the page is gone
    for (const { url, init } of prepared.values()) fetch(url, init).catch(() => undefined);
    prepared.clear();
  };
  if (page.document !== undefined) page.addEventListener?.('pagehide', leaveAll);
  return {
    prepare: (id, { url = '', method = 'PUT', body }) => {
      if (page.document === undefined) return;
      const text = JSON.stringify(body);
      const mine = {};
      newest.set(id, mine);
      host.accessToken().then(
        (token) => {
          const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
          if (newest.get(id) === mine)
            prepared.set(id, { url, init: { method, headers, body: text, keepalive: true } });
        },
        (error: unknown) => {
          host.report(error, 'meetings: leaving when the page closes could not be prepared');
        },
      );
    },
    forget: (id) => {
      newest.delete(id);
      prepared.delete(id);
    },
    close: () => {
      newest.clear();
      prepared.clear();
      page.removeEventListener?.('pagehide', leaveAll);
    },
  };
}
