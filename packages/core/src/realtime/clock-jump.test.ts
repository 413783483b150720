import { expect } from 'chai';
import { failure, inTurn, json, stage, turn, type Stage } from '../../test/kit.js';
import type { Clock } from '../kernel/clock.js';
import { retryAfterMs } from '../kernel/request/rate-limits.js';

const get = { service: 'hydra', path: '/people/me' } as const;
const GET = 'GET /v1/people/me';
const HOUR_MS = 3_600_000;

/** The wall clock can be set; timers do not care, as in every runtime. */
function settable(s: Stage): Clock & { set(byMs: number): void } {
  let offMs = 0;
  return {
    now: () => s.clock.now() + offMs,
    after: (...timer) => s.clock.after(...timer),
    set: (byMs) => {
      offMs += byMs;
    },
  };
}

describe('a clock of this machine that is set', () => {
  it('back by an hour, holds no one back for an hour who was to wait a second', async () => {
    const s = stage({
      [GET]: inTurn(
        () => json({}, 429, { 'retry-after': '1' }),
        () => json({ ok: true }),
      ),
    });
    const clock = settable(s);
    const client = s.client({ clock });
    const first = client.request(get);
    await turn();
    clock.set(-HOUR_MS);
    const second = client.request(get);
    await s.clock.advance(2_000);
    expect((await Promise.all([first, second])).map(({ body }) => body)).to.deep.equal(
      Array(2).fill({ ok: true }),
    );
    await client.close();
    expect(s.clock.pending).to.equal(0);
  });

  it('back or ahead, reads a date of Retry-After by the clock of the service that named it', () => {
    const date = (ms: number): string => new Date(ms).toUTCString();
    const at = Date.UTC(2030, 0, 1);
    const headers = new Headers({ 'retry-after': date(at + 5_000), date: date(at) });
    for (const wrongMs of [-HOUR_MS, 0, HOUR_MS]) expect(retryAfterMs(headers, at + wrongMs)).to.equal(5_000);
    headers.delete('date');
    expect(retryAfterMs(headers, at + 2_000)).to.equal(3_000);
    expect(retryAfterMs(headers, at + HOUR_MS)).to.equal(0);
  });

  it('ahead of the service, does not ask for tokens without end that seem to have ended already', async () => {
    const s = stage();
    let asked = 0;
    const client = s.client({
      token: () => {
        asked += 1;
        return Promise.resolve({
          accessToken: `t${String(asked)}`,
          expiresAtMs: s.clock.now() - HOUR_MS,
        });
      },
    });
    await client.request(get);
    await s.clock.advance(60_000);
    // the first may have been kept since yesterday: one more is worth asking for
    expect(asked).to.equal(2);
    await client.request(get);
    expect([asked, s.sent.at(-1)?.headers.get('authorization')]).to.deep.equal([2, 'Bearer t2']);
    await client.close();
  });

  for (const [how, byMs] of [
    ['back', -HOUR_MS],
    ['ahead', 24 * HOUR_MS],
  ] as const)
    it(`${how} while a token is in use, gets another at the latest when the service refuses it`, async () => {
      let good = 't1';
      const s = stage({
        [GET]: ({ headers }) =>
          headers.get('authorization') === `Bearer ${good}` ? json({ ok: true }) : json({}, 401),
      });
      const clock = settable(s);
      const expired: unknown[] = [];
      let asked = 0;
      const client = s.client({
        clock,
        token: () => {
          asked += 1;
          good = `t${String(asked)}`;
          return Promise.resolve({ accessToken: good, expiresAtMs: clock.now() + HOUR_MS });
        },
      });
      client.on('authExpired', (event) => expired.push(event));
      await client.request(get);
      clock.set(byMs);
      good = 'none before it is asked for';
      await client.request(get);
      await s.clock.advance(2 * HOUR_MS);
      await client.request(get);
      expect(expired).to.deep.equal([]);
      expect(asked).to.be.within(2, 6);
      await client.close();
      expect(s.clock.pending).to.equal(0);
    });
});

describe('a token function that never answers', () => {
  it('ends requests with their time limit, at the start and after a refusal, and harms no one else', async () => {
    const s = stage({ [GET]: () => json({}, 401) });
    let asked = 0;
    const client = s.client({
      token: () => ((asked += 1) === 1 ? Promise.resolve('one') : new Promise(() => undefined)),
    });
    const refused = failure(client.request({ ...get, timeoutMs: 1_000 }));
    await s.clock.advance(1_000);
    expect(await refused).to.include({ code: 'ERR_TIMEOUT', retryable: true });
    const waiting = failure(client.request(get));
    await s.clock.advance(30_000);
    expect((await waiting).code).to.equal('ERR_TIMEOUT');
    await client.close();
    expect(s.clock.pending).to.equal(0);
  });
});
