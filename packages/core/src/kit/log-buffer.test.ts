import { expect } from 'chai';
import { SERVICE, TOKEN, failure, json, stage } from '../../test/kit.js';
import { sdkError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { createLogBuffer } from './log-buffer.js';
import { redact } from './redact.js';

const clock = { now: () => Date.UTC(2030, 0, 1) };
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl';

describe('createLogBuffer', () => {
  it('keeps the latest lines, as data and as text', () => {
    const log = createLogBuffer({ size: 3, clock });
    for (let n = 0; n < 100; n += 1) log.info({ n }, `line ${String(n)}`);
    expect(log.lines().map(({ fields }) => fields)).to.deep.equal([{ n: 97 }, { n: 98 }, { n: 99 }]);
    expect(log.text().split('\n')[2]).to.equal('2030-01-01T00:00:00.000Z info line 99 {"n":99}');
    log.clear();
    log.error({}, 'again');
    expect(log.lines()).to.deep.equal([
      { time: '2030-01-01T00:00:00.000Z', level: 'error', message: 'again', fields: {} },
    ]);
  });

  it('hands lines on as it keeps them', () => {
    const heard: unknown[] = [];
    const hear = (level: string) => (fields: object, message: string) => heard.push([level, fields, message]);
    const next = { debug: hear('debug'), info: hear('info'), warn: hear('warn'), error: hear('error') };
    const log = createLogBuffer({ next: next as unknown as Logger });
    log.warn({ accessToken: TOKEN }, `Bearer ${TOKEN}`);
    expect(heard).to.deep.equal([['warn', { accessToken: '[hidden]' }, 'Bearer [hidden]']]);
  });

  it('of size 0 keeps nothing', () => {
    const log = createLogBuffer({ size: 0 });
    log.info({}, 'gone');
    expect([log.lines(), log.text()]).to.deep.equal([[], '']);
  });

  it('is a logger of a client, and no token, query or word gets into it', async () => {
    const s = stage({
      'POST /v1/messages': () => json({ message: `no: ${TOKEN}` }, 400),
      'GET /v1/people': () => json({}),
    });
    const log = createLogBuffer();
    const client = s.client({ logger: log });
    client.on('error', () => {
      throw new Error('the launch is at nine');
    });
    await client.request({ service: 'hydra', path: 'people', query: { email: 'ana@example.com' } });
    await failure(
      client.request({
        method: 'POST',
        service: 'hydra',
        path: 'messages',
        body: { text: 'the launch is at nine' },
      }),
    );
    client.onAny(() => undefined);
    await client.close();
    expect(log.text()).to.contain(`GET ${SERVICE}/v1/people`).and.contain('"status":400');
    expect(log.text()).not.to.match(/launch|ana@|A_B_/);
  });
});

describe('redact', () => {
  const hidden: readonly (readonly [string, unknown, unknown])[] = [
    [
      'an authorization header',
      { headers: { Authorization: `Bearer ${TOKEN}` } },
      { headers: { Authorization: '[hidden]' } },
    ],
    ['a bearer in text', `sent Bearer abc.def-1 there`, 'sent Bearer [hidden] there'],
    [
      'a token of the service',
      'got ZGFmbGtq-abc_PF84_00000000-0000-4000-8000-000000000000.',
      'got [hidden].',
    ],
    ['JOSE', `a ${jwt} b`, 'a [hidden] b'],
    ['a query', 'GET https://x.test/a/b?email=ana#top done', 'GET https://x.test/a/b?[hidden] done'],
    ['a password in an address', 'by http://ana:secret@proxy.test:8080/', 'by http://proxy.test:8080/'],
    ['an address of someone', 'people/ana.b@example.com/x', 'people/[hidden]/x'],
    [
      'what people say',
      {
        id: 'm1',
        text: 'hi',
        markdown: 'hi',
        html: '<b>hi</b>',
        object: { displayName: 'hi', content: 'hi' },
      },
      {
        id: 'm1',
        text: '[hidden]',
        markdown: '[hidden]',
        html: '[hidden]',
        object: { displayName: '[hidden]', content: '[hidden]' },
      },
    ],
    [
      'grants',
      { refresh_token: 'r', client_secret: 's', code: 'c', password: 'p' },
      { refresh_token: '[hidden]', client_secret: '[hidden]', code: '[hidden]', password: '[hidden]' },
    ],
    [
      'what is not a plain data',
      { headers: new Headers({ a: 'b' }), bytes: new Uint8Array(3) },
      { headers: '[object Headers]', bytes: '[object Uint8Array]' },
    ],
  ];
  for (const [what, given, shown] of hidden)
    it(`hides ${what}`, () => {
      expect(redact(given)).to.deep.equal(shown);
    });

  it('hides of each word what the plain pattern of an address would', () => {
    const plain = /[^\s/:"'<>()]+@[^\s/:"'<>()]+\.\w+/g;
    const letters = ['a', 'é', '@', '@', '.', '.', '-', '_', '/', ' '];
    // all words of five, inside of others
    for (let n = 0; n < letters.length ** 5; n += 1) {
      let word = '';
      for (let rest = n, at = 0; at < 5; at += 1, rest = Math.floor(rest / letters.length))
        word += letters[rest % letters.length] ?? '';
      const text = `x ${word}b.c`;
      if (redact(text) !== text.replace(plain, '[hidden]')) expect.fail(text);
    }
  });

  it('reads long lines without a gap once: that pattern alone takes a second for each of these', () => {
    const text = '@'.repeat(1_000);
    for (let n = 0; n < 1_200; n += 1) if (redact(text) !== text) expect.fail(`line ${String(n)}`);
  });

  it('leaves what support needs', () => {
    const plain = {
      code: 'ERR_NETWORK',
      status: 503,
      ms: 12,
      attempt: 0,
      ok: true,
      nothing: null,
      service: 'hydra',
      states: ['open'],
    };
    expect(redact(plain)).to.deep.equal(plain);
    const id = '00000000-0000-4000-8000-000000000000';
    expect(redact(`session_${id}_1`)).to.equal(`session_${id}_1`);
  });

  it('shows errors of the SDK, and of others only what cannot quote', () => {
    const cause = Object.assign(new SyntaxError('Unexpected token, "hello Ben" is not a JSON'), {
      code: 'E1',
    });
    const error = sdkError('ERR_NETWORK', 'GET https://x.test/a?q=1 got no answer', { cause, status: 502 });
    const shown = redact({ error }) as { error: { cause: { at: string } } };
    expect(shown.error).to.deep.include({
      name: 'SdkError',
      code: 'ERR_NETWORK',
      status: 502,
      retryable: false,
    });
    expect(shown.error.cause).to.include({ name: 'SyntaxError', code: 'E1' });
    expect(JSON.stringify(shown)).not.to.match(/hello|q=1/);
    expect(shown.error.cause.at).to.match(/:\d+:\d+/);
  });

  it('never throws and never goes on for ever', () => {
    const around: Record<string, unknown> = { list: Array(100).fill(1), long: 'a'.repeat(5_000) };
    around['self'] = around;
    Object.defineProperty(around, 'bad', {
      enumerable: true,
      configurable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(redact(around)).to.equal('[unreadable]');
    Reflect.defineProperty(around, 'bad', { value: 1 });
    const looped = redact(around) as { list: unknown[]; long: string };
    expect([looped.list.length, looped.long.length]).to.deep.equal([50, 1_000]);
    expect(redact([1n, Symbol('s'), () => 1, undefined])).to.deep.equal([
      '1',
      'Symbol(s)',
      '[function]',
      undefined,
    ]);
  });
});
