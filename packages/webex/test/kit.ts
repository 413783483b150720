import sinon from 'sinon';
import { Webex, type WebexAttrs } from '../src/index.js';

export const orgId = '00000000-0000-4000-8000-0000000000aa';
export const tokenOf = (name: string): string => `${name}_x_${orgId}`;
export const service = 'http://cloud.test';
export interface Left {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}
type Answer = {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

const catalog = {
  serviceLinks: {
    conversation: `${service}/conversation/api/v1`,
    hydra: `${service}/v1/`,
    u2c: `${service}/u2c/api/v1`,
    idbroker: `${service}/idbroker/`,
    feature: `${service}/feature/api/v1`,
  },
  hostCatalog: {
    'cloud.test': [{ host: 'cloud.test', ttl: -1, priority: 1, id: 'urn:TEAM:us-east-2_a:identityLookup' }],
  },
};

/** `fetch` answered by `answers`, asked with `GET /v1/rooms`; what left is in `left`. */
export function fakeCloud(
  answers: (what: string, request: Left) => Answer | Promise<Answer | undefined> | undefined,
) {
  const left: Left[] = [];
  const made: Webex[] = [];
  const stub = sinon.stub(globalThis, 'fetch').callsFake(async (input, init = {}) => {
    const url = new URL(input as string);
    const headers = Object.fromEntries(new Headers(init.headers));
    const given = init.body as unknown;
    const body =
      given === null || given === undefined
        ? undefined
        : given instanceof URLSearchParams
          ? given.toString()
          : (given as string);
    const request = { method: init.method ?? 'GET', url: url.href, headers, body };
    left.push(request);
    const what = `${request.method} ${url.pathname}`;
    const found =
      (await answers(what, request)) ??
      (what === 'GET /u2c/api/v1/catalog'
        ? { body: catalog }
        : { status: 404, body: { message: `no ${what}` } });
    const { status = 200, body: said, headers: more } = found;
    return new Response(said === undefined ? null : typeof said === 'string' ? said : JSON.stringify(said), {
      status,
      headers: { 'content-type': 'application/json', trackingid: 'T1', ...more },
    });
  });
  return {
    left,
    init: (attrs: WebexAttrs = {}): Webex => {
      const webex = Webex.init({
        credentials: tokenOf('a'),
        ...attrs,
        config: { service, logger: { level: 'silent' }, ...attrs.config },
      });
      made.push(webex);
      return webex;
    },
    end: async () => {
      for (const webex of made) await webex.close();
      stub.restore();
    },
  };
}
export const ready = (webex: Webex): Promise<unknown> =>
  webex.ready ? Promise.resolve() : webex.when('ready');
export const failure = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};
