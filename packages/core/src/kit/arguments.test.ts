import { expect } from 'chai';
import { failure, json, spy, stage } from '../../test/kit.js';
import { createList } from './paging.js';
import { createResource } from './resource.js';

describe('query values (P17)', () => {
  const hrefFor = async (query: unknown): Promise<string> => {
    const s = stage();
    await s.client().request({ service: 'hydra', path: 'x', query: query as never });
    return s.asked[0]?.url.search ?? '';
  };
  const date = new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678));
  it('sends a Date as ISO 8601, leaves null and undefined out, and joins arrays with commas', async () => {
    for (const [query, search] of [
      [{ from: date }, '?from=2030-01-02T03%3A04%3A05.678Z'],
      [{ a: null, b: undefined, c: 1 }, '?c=1'],
      [{ a: null }, ''],
      [{ ids: ['a', null, date, undefined, 2, true] }, '?ids=a,2030-01-02T03%3A04%3A05.678Z,2,true'],
      [{ a: 0, b: false, c: '' }, '?a=0&b=false&c='],
      [null, ''],
      [undefined, ''],
    ] as const)
      expect(await hrefFor(query)).to.equal(search);
  });
  it('rejects anything else with ERR_ARGUMENT that names the parameter, before anything is sent', async () => {
    const odd: readonly unknown[] = [
      new Date(NaN),
      NaN,
      Infinity,
      {},
      { a: 1 },
      [[]],
      [{}],
      [NaN],
      new Map(),
      Symbol('x'),
      () => 1,
      10n,
      '\ud800',
      ['\udfff'],
    ];
    for (const value of odd) {
      const s = stage();
      const error = await failure(
        s.client().request({ service: 'hydra', path: 'x', query: { from: value } as never }),
      );
      expect(error.code, String(value)).to.equal('ERR_ARGUMENT');
      expect(error.message).to.include('query.from');
      expect(s.sent).to.have.length(0);
    }
    for (const query of ['x', 5, [], () => 1])
      expect((await failure(hrefFor(query))).code).to.equal('ERR_ARGUMENT');
  });
});

describe('arguments from JavaScript', () => {
  const junk: readonly unknown[] = [5, 'x', true, [], () => undefined, Symbol('s')];
  it('of request() reject with ERR_ARGUMENT that names the option', async () => {
    const client = stage().client();
    const valid = { service: 'hydra', path: 'x' };
    for (const value of junk)
      for (const name of [
        'signal',
        'timeoutMs',
        'method',
        'as',
        'headers',
        'onProgress',
        'maxRetries',
        'path',
        'url',
      ]) {
        // what the option may be
        if (name === 'path' && typeof value === 'string') continue;
        if (['timeoutMs', 'maxRetries'].includes(name) && typeof value === 'number') continue;
        if (name === 'onProgress' && typeof value === 'function') continue;
        const error = await failure(client.request({ ...valid, [name]: value }));
        expect(error.code, `${name} ${String(value)}`).to.equal('ERR_ARGUMENT');
        expect(error.message, name).to.include(name);
      }
    for (const value of [undefined, null, ...junk])
      expect((await failure(client.request(value as never))).code).to.equal('ERR_ARGUMENT');
    for (const [name, value] of [
      ['timeoutMs', NaN],
      ['timeoutMs', -1],
      ['maxRetries', NaN],
      ['headers', { 'a b': '1' }],
      ['headers', { a: 'x\ny' }],
      ['headers', { a: {} }],
      ['headers', { a: '✓' }],
    ] as const)
      expect((await failure(client.request({ ...valid, [name]: value }))).code).to.equal('ERR_ARGUMENT');
  });
  it('that are null are as good as left out', async () => {
    const s = stage();
    const nothing = {
      signal: null,
      timeoutMs: null,
      method: null,
      as: null,
      headers: null,
      onProgress: null,
      maxRetries: null,
      url: null,
      query: null,
      body: null,
    };
    await s.client().request({ service: 'hydra', path: 'x', ...nothing } as never);
    await s
      .client()
      .request({ service: 'hydra', path: 'x', headers: { a: null, b: undefined, c: 1 } } as never);
    expect(s.asked.map(({ method, url }) => `${method} ${url.pathname}`)).to.deep.equal([
      'GET /v1/x',
      'GET /v1/x',
    ]);
    expect(s.asked[1]?.headers.get('c')).to.equal('1');
    expect(s.asked[1]?.headers.has('a')).to.equal(false);
  });
  it('of the client reject with ERR_ARGUMENT', async () => {
    const client = stage().client().use(spy());
    const calls = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const name of ['ready', 'connect', 'register', 'unregister'])
      for (const init of [{ signal: 5 }, { signal: {} }, { timeoutMs: 'x' }, { timeoutMs: NaN }, 'x', 5])
        expect((await failure(calls[name]?.(init) ?? Promise.resolve())).code, name).to.equal('ERR_ARGUMENT');
    const codeOf = (work: () => unknown): unknown => {
      try {
        work();
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
      return 'none';
    };
    const listener = (): void => undefined;
    for (const name of ['on', 'once'])
      for (const [target, args] of [
        [client, ['error', undefined]],
        [client, ['error', 5]],
        [client.socket, ['state', listener, { signal: 5 }]],
      ] as const) {
        const source = target as unknown as Record<string, (...args: unknown[]) => unknown>;
        expect(codeOf(() => source[name]?.(...args))).to.equal('ERR_ARGUMENT');
      }
    expect(codeOf(() => calls['onAny']?.('x'))).to.equal('ERR_ARGUMENT');
    for (const plugin of [undefined, null, 5, 'x', {}, [null]])
      expect(codeOf(() => calls['use']?.(plugin))).to.equal('ERR_NOT_A_PLUGIN');
    await client.close();
  });
  it('of a resource reject with ERR_ARGUMENT that names the call', async () => {
    const s = stage();
    const polls = createResource(s.client().use(spy()).spy, 'team/polls') as unknown as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
    for (const id of [undefined, null, '', 5, {}, { id: '' }, { id: 5 }, [], '\ud800'])
      for (const name of ['get', 'update', 'remove']) {
        const error = await failure(polls[name]?.(id, {}) ?? Promise.resolve());
        expect(error.code, name).to.equal('ERR_ARGUMENT');
        expect(error.message).to.include(`teamPolls.${name}`);
      }
    for (const body of [undefined, null, 5, 'x', []]) {
      expect((await failure(polls['create']?.(body) ?? Promise.resolve())).code).to.equal('ERR_ARGUMENT');
      expect((await failure(polls['update']?.('id', body) ?? Promise.resolve())).code).to.equal(
        'ERR_ARGUMENT',
      );
    }
    for (const query of [5, 'x', []])
      expect(() => polls['list']?.(query))
        .to.throw(/teamPolls\.list/)
        .with.property('code', 'ERR_ARGUMENT');
    expect(s.sent).to.have.length(0);
  });
});

describe('a list that would never end (F23)', () => {
  const pages = (next: (n: number) => string, items: (n: number) => unknown[] = (n) => [n]) => {
    const s = stage();
    let n = 0;
    s.routes['GET /v1/polls'] = () => {
      n += 1;
      return json({ items: items(n) }, 200, { link: `<${next(n)}>; rel="next"` });
    };
    return createList<number>(s.client().use(spy()).spy, { service: 'hydra', path: 'polls' });
  };
  const readAll = async (list: AsyncIterable<number>): Promise<number> => {
    let count = 0;
    for await (const item of list) count += Number.isNaN(item) ? 0 : 1;
    return count;
  };
  it('ends with ERR_BAD_RESPONSE when pages come round again', async () => {
    for (const every of [1, 2, 7]) {
      const list = pages((n) => `http://cloud.test/v1/polls?page=${String(n % every)}`);
      expect((await failure(readAll(list))).code).to.equal('ERR_BAD_RESPONSE');
    }
  });
  it('ends with ERR_BAD_RESPONSE after a hundred pages without items', async () => {
    const list = pages(
      (n) => `/v1/polls?page=${String(n)}`,
      () => [],
    );
    expect((await failure(readAll(list))).message).to.include('100 pages');
  });
  it('ends with ERR_BAD_RESPONSE when the next page is not a URL', async () => {
    for (const link of ['http://', 'http://[', 'javascript:alert(1)'])
      expect((await failure(readAll(pages(() => link)))).code, link).to.equal('ERR_BAD_RESPONSE');
  });
  it('lets a page be followed twice', async () => {
    const page = await pages((n) => `/v1/polls?page=${String(n)}`).page();
    expect((await page.next()).items).to.deep.equal([2]);
    expect((await page.next()).items).to.deep.equal([3]);
  });
});
