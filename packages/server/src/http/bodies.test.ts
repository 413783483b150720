import { expect } from 'chai';
import pino from 'pino';
import { resolveConfig } from '../config.js';
import { createApp } from './app.js';
import { isTooDeep } from './bodies.js';

describe('bodies', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  it('are as deep as they are nested, whatever their texts say', () => {
    expect(isTooDeep(nested(200))).to.equal(false);
    expect(isTooDeep(nested(201))).to.equal(true);
    expect(isTooDeep(JSON.stringify('['.repeat(1000)))).to.equal(false);
    expect(isTooDeep(JSON.stringify([`\\"${'{'.repeat(1000)}`]))).to.equal(false);
    expect(isTooDeep(`{"a\\"":${nested(300)}}`)).to.equal(true);
    expect(isTooDeep(JSON.stringify(Array.from({ length: 1000 }, () => [{}])))).to.equal(false);
  });

  it('that would exhaust the stack of whoever looks into them are refused', async () => {
    const config = resolveConfig({ data: 'memory', logLevel: 'silent' });
    const app = createApp(config, pino({ level: 'silent' }));
    app.post('/echo', (request) => JSON.stringify(request.body));
    const answer = await app.inject({
      method: 'POST',
      url: '/echo',
      headers: { 'content-type': 'application/json' },
      payload: `{"inputs":${nested(20_000)}}`,
    });
    expect(answer.statusCode).to.equal(400);
    await app.close();
  });
});
