import { expect } from 'chai';
import pino from 'pino';
import { resolveConfig } from '../config.js';
import { createApp } from './app.js';
import { excessIn } from './bodies.js';

describe('bodies', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  let app: ReturnType<typeof createApp>;
  beforeEach(() => {
    const config = resolveConfig({ data: 'memory', logLevel: 'silent' });
    app = createApp(config, pino({ level: 'silent' }));
    app.post('/echo', (request) => JSON.stringify(request.body));
  });
  afterEach(() => app.close());
  const post = async (payload: string): Promise<{ status: number; text: string }> => {
    const { statusCode, payload: text } = await app.inject({
      method: 'POST',
      url: '/echo',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    return { status: statusCode, text };
  };

  it('are as deep as they are nested, whatever their strings contain', () => {
    expect(excessIn(nested(200))).to.equal(undefined);
    expect(excessIn(nested(201))).to.equal('deep');
    expect(excessIn(JSON.stringify('['.repeat(1000)))).to.equal(undefined);
    expect(excessIn(JSON.stringify([`\\"${'{'.repeat(1000)}`]))).to.equal(undefined);
    expect(excessIn(`{"a\\"":${nested(300)}}`)).to.equal('deep');
    expect(excessIn(JSON.stringify(Array.from({ length: 1000 }, () => [{}])))).to.equal(undefined);
  });

  it('with more values than a request needs are not parsed (F1)', async () => {
    expect(excessIn(JSON.stringify(Array.from({ length: 20_000 }, () => ({}))))).to.equal(undefined);
    expect(excessIn(JSON.stringify({ text: '{},'.repeat(300_000) }))).to.equal(undefined);
    for (const value of ['{}', '0', '[]', '""', '{"a":1,"b":2}']) {
      const body = `[${Array.from({ length: 60_000 }, () => value).join(',')}]`;
      expect(excessIn(body), value).to.equal('long');
      expect((await post(body)).status, value).to.equal(400);
    }
  });

  it('nested so deep that walking through them would exhaust the stack are refused', async () => {
    expect((await post(`{"inputs":${nested(20_000)}}`)).status).to.equal(400);
  });

  it('with half of a surrogate pair are refused, in values and in names; whole pairs are not (F16)', async () => {
    for (const bad of [
      '"\\ud83d"',
      '["\\uDE00"]',
      '{"a":{"\\ud800":1}}',
      '"\\ude00\\ud83d"',
      '"\\ud83dx\\ude00"',
    ])
      expect((await post(bad)).status, bad).to.equal(400);
    expect(await post('["\\ud83d\\ude00","😀"]')).to.deep.equal({ status: 200, text: '["😀","😀"]' });
    // an escaped backslash, not an escaped surrogate
    expect((await post('"\\\\ud83d"')).status).to.equal(200);
  });
});
