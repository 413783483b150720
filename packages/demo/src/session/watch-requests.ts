import { definePlugin } from '@trunkline/core';
import { redact, safePath } from '../lib/redact.js';

/** One attempt of one request. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** epoch ms */
  readonly at: number;
  readonly ms: number;
  /** undefined: there was no answer */
  readonly status?: number;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody?: string;
  readonly answerBody?: () => Promise<string | undefined>;
  readonly error?: string;
}

const mostText = 64 * 1024;

/** A plugin of the app's own, fifteen lines long: it looks at every request that passes, and changes none. */
export const watchRequests = definePlugin({
  name: 'watchRequests',
  setup: (host, { onRequest }: { readonly onRequest: (seen: SeenRequest) => void }) => {
    host.intercept({
      name: 'watch-requests',
      phase: 'send',
      async run(request, next) {
        const at = Date.now();
        const began = performance.now();
        const { method, url, headers, body } = request;
        const about = {
          method,
          at,
          path: safePath(url),
          host: url.host,
          requestHeaders: redact(Object.fromEntries(headers)) as Record<string, string>,
          ...(body !== null && { requestBody: describe(body) }),
        };
        try {
          const answer = await next(request);
          const ms = performance.now() - began;
          const kept = isText(answer) ? answer.clone() : undefined;
          onRequest({ ...about, ms, status: answer.status, answerBody: async () => kept && textOf(kept) });
          return answer;
        } catch (error) {
          onRequest({ ...about, ms: performance.now() - began, error: String(error) });
          throw error;
        }
      },
    });
  },
});

const describe = (body: BodyInit): string => {
  if (typeof body === 'string') return body.slice(0, mostText);
  if (body instanceof URLSearchParams) return JSON.stringify(Object.fromEntries(body));
  return body instanceof FormData ? `form: ${[...body.keys()].join(', ')}` : 'bytes';
};

const isText = (answer: Response): boolean =>
  /json|text/.test(answer.headers.get('content-type') ?? '') &&
  Number(answer.headers.get('content-length') ?? 0) < mostText;

async function textOf(answer: Response): Promise<string | undefined> {
  try {
    return (await answer.clone().text()).slice(0, mostText);
  } catch {
    return undefined; // its request was given up
  }
}
