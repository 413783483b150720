import { expect } from 'chai';
import type { HttpResponse, Host, RequestOptions } from '../kernel/host.js';
import { createList, linksIn } from './paging.js';

type Answers = Readonly<Record<string, { readonly body: unknown; readonly link?: string }>>;

function setUp(answers: Answers) {
  const asked: RequestOptions[] = [];
  const host: Pick<Host, 'request' | 'serviceUrl'> = {
    serviceUrl: (service) => Promise.resolve(`https://cloud.test/${service}`),
    request: <T>(options: RequestOptions) => {
      asked.push(options);
      const { body, link } = answers[options.url ?? options.path ?? ''] ?? { body: undefined };
      const headers = new Headers(link === undefined ? {} : { link });
      return Promise.resolve({ status: 200, headers, body } as HttpResponse<T>);
    },
  };
  return {
    asked,
    list: (init = {}) => createList<number>(host, { service: 'hydra', path: 'things', ...init }),
  };
}
const two: Answers = {
  things: { body: { items: [1, 2] }, link: '<https://cloud.test/page2>; rel="next"' },
  'https://cloud.test/page2': { body: { items: [3] } },
};

describe('linksIn', () => {
  const cases: readonly (readonly [string | null, string | undefined])[] = [
    [null, undefined],
    ['', undefined],
    ['<https://a/2>; rel="next"', 'https://a/2'],
    ['<https://a/2>; rel=next', 'https://a/2'],
    ['<https://a/2>;title="x, y; rel=no" ; REL="Next"', 'https://a/2'],
    ['<https://a/1>; rel="prev", <https://a/3?x=1,2>; rel="next"', 'https://a/3?x=1,2'],
    ['<https://a/1>; rel="first next"', 'https://a/1'],
    ['<https://a/1>; rel="nextish", <https://a/9>; rel="last"', undefined],
  ];
  for (const [header, url] of cases)
    it(`reads ${String(header)}`, () => {
      expect(linksIn(header)['next']).to.equal(url);
    });
  it('finds every relation, the first target of each', () => {
    expect(linksIn('</1>; rel="prev first", </3>; rel=next, </9>; rel=next')).to.deep.equal({
      prev: '/1',
      first: '/1',
      next: '/3',
    });
  });
});

describe('createList', () => {
  it('asks for nothing until it is read', () => {
    const { asked, list } = setUp(two);
    list();
    expect(asked).to.deep.equal([]);
  });
  it('fetches further pages as it is iterated', async () => {
    const { asked, list } = setUp(two);
    const seen: string[] = [];
    for await (const item of list()) seen.push(`${String(item)} after ${String(asked.length)}`);
    expect(seen).to.deep.equal(['1 after 1', '2 after 1', '3 after 2']);
  });
  it('gives pages, and rejects beyond the last', async () => {
    const page = await setUp(two).list().page();
    expect(page.items).to.deep.equal([1, 2]);
    const last = await page.next();
    expect([last.hasNext, last.items]).to.deep.equal([false, [3]]);
    const error = await last.next().catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'ERR_ARGUMENT' });
  });
  it('stops between pages when the signal aborts, with the reason of the signal', async () => {
    const { asked, list } = setUp(two);
    const stop = new AbortController();
    const seen: number[] = [];
    const reason = new Error('enough');
    const read = async () => {
      for await (const item of list({ signal: stop.signal })) {
        seen.push(item);
        if (item === 2) stop.abort(reason);
      }
    };
    expect(await read().catch((caught: unknown) => caught)).to.equal(reason);
    expect([seen, asked.length]).to.deep.equal([[1, 2], 1]);
  });
  it('follows any relation that the service names, and rejects others', async () => {
    const link = '</page2>; rel="next", </page0>; rel="prev"';
    const { asked, list } = setUp({
      things: { body: { items: [1] }, link },
      'https://cloud.test/page0': { body: { items: [0] } },
    });
    const page = await list().page();
    expect(page.links).to.deep.equal({
      next: 'https://cloud.test/page2',
      prev: 'https://cloud.test/page0',
    });
    expect((await page.follow('prev')).items).to.deep.equal([0]);
    expect(await page.follow('last').catch((caught: unknown) => caught)).to.include({ code: 'ERR_ARGUMENT' });
    expect(asked).to.have.length(2);
  });
  it('resolves a relative link', async () => {
    const { asked, list } = setUp({ ...two, things: { body: { items: [] }, link: '</page2>; rel="next"' } });
    await (await list().page()).next();
    expect(asked[1]?.url).to.equal('https://cloud.test/page2');
  });
  it('rejects an answer without items, and a page that follows itself', async () => {
    const self = 'https://cloud.test/page2';
    const endless = { ...two, [self]: { body: { items: [] }, link: `<${self}>; rel="next"` } };
    for (const { list } of [setUp({}), setUp(endless)]) {
      const read = async () => {
        for await (const item of list()) item.toFixed();
      };
      expect(await read().catch((caught: unknown) => caught)).to.include({ code: 'ERR_BAD_RESPONSE' });
    }
  });
});
