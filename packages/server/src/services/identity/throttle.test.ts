import { expect } from 'chai';
import { startIdentity, type Browser, type IdentityCloud, type Reply } from './harness.test.js';
import { createThrottle } from './throttle.js';

describe('the throttle', () => {
  let nowMs = 0;
  const throttle = () => {
    nowMs = 1_000_000;
    return createThrottle(() => nowMs);
  };
  const fail = (of: ReturnType<typeof throttle>, email: string, address: string): number => {
    const attempt = of.attempt(email, address);
    if (!attempt.ok) return attempt.waitS;
    attempt.done();
    return 0;
  };

  it('lets people mistype, then doubles the wait up to its end, and forgets', () => {
    const one = throttle();
    const waits: number[] = [];
    for (let at = 0; at < 17; at += 1) {
      expect(fail(one, 'a', `10.0.0.${String(at)}`)).to.equal(0);
      const wait = fail(one, 'A ', '10.0.1.1');
      waits.push(wait);
      nowMs += wait * 1000 || 1;
      // asking again while one must wait is no attempt
    }
    expect(waits.filter((wait) => wait > 0).slice(0, 4)).to.deep.equal([1, 2, 4, 8]);
    expect(Math.max(...waits)).to.equal(300);
    nowMs += 3_600_001;
    expect(fail(one, 'a', '10.0.0.1')).to.equal(0);
    expect(fail(one, 'a', '10.0.0.1')).to.equal(0);
  });

  it('counts an address over all accounts, and a /64 as one', () => {
    const one = throttle();
    for (let at = 0; at < 30; at += 1)
      expect(fail(one, `p${String(at)}`, `2001:db8:0:1::${at.toString(16)}`)).to.equal(0);
    expect(fail(one, 'another', '2001:db8:0:1:ffff::1')).to.equal(1);
    expect(fail(one, 'another', '2001:db8:0:2::1')).to.equal(0);
  });

  it('forgets an account’s failures when its password was right, but not the address’s', () => {
    const one = throttle();
    for (let at = 0; at < 4; at += 1) fail(one, 'a', '10.0.0.1');
    const right = one.attempt('a', '10.0.0.1');
    if (!right.ok) throw new Error('refused');
    right.succeeded();
    right.done();
    for (let at = 0; at < 5; at += 1) expect(fail(one, 'a', '10.0.0.2')).to.equal(0);
    expect(fail(one, 'a', '10.0.0.3')).to.equal(1);
    for (let at = 0; at < 26; at += 1) expect(fail(one, `x${String(at)}`, '10.0.0.1')).to.equal(0);
    expect(fail(one, 'y', '10.0.0.1')).to.equal(1);
  });

  it('counts attempts that are made at the same time, and lets few run at once', () => {
    const one = throttle();
    const same = Array.from({ length: 10 }, () => one.attempt('a', '10.0.0.1'));
    expect(same.filter((attempt) => attempt.ok)).to.have.length(5);
    const others = Array.from({ length: 20 }, (_, at) =>
      one.attempt(`p${String(at)}`, `10.0.1.${String(at)}`),
    );
    expect(others.filter((attempt) => attempt.ok)).to.have.length(11);
  });
});

describe('signing in', () => {
  let cloud: IdentityCloud;
  let browser: Browser;
  beforeEach(async () => {
    cloud = await startIdentity();
    browser = cloud.browser();
    await cloud.client();
    await browser.go(cloud.authorizeUrl());
  });
  afterEach(() => cloud.close());
  const attempt = (email: string, password: string): Promise<Reply> =>
    browser.submit({ action: 'sign-in', email, password });
  const told = (reply: Reply): string | undefined => /role="alert"[^>]*>([^<]*)</.exec(reply.text)?.[1];

  it('says the same, as slowly, whether there is such an account or not, and counts both', async () => {
    await cloud.person('ana');
    const seen: Record<string, unknown[]> = {};
    for (const email of ['ana@example.com', 'nobody@example.com'])
      for (let at = 0; at < 6; at += 1) {
        const reply = await attempt(email, 'wrong');
        (seen[email] ??= []).push([reply.status, told(reply), reply.headers['retry-after']]);
      }
    expect(seen['ana@example.com']).to.deep.equal(seen['nobody@example.com']);
    expect(seen['ana@example.com']?.at(-1)).to.deep.equal([
      429,
      'Too many attempts to sign in. Try again in 1 second.',
      '1',
    ]);
  });

  it('refuses the right password while one must wait, and takes it after', async () => {
    await cloud.person('ana');
    for (let at = 0; at < 5; at += 1)
      expect((await attempt('ana@example.com', 'wrong')).status).to.equal(401);
    expect((await attempt('ANA@example.com', 'right')).status).to.equal(429);
    cloud.later(1000);
    expect((await attempt('ANA@example.com ', 'right')).status).to.equal(303);
  });

  it('is not for who has no password, gave none, or too much', async () => {
    await cloud.identity.users.create({ email: 'bot@example.com', displayName: 'Bot', roles: ['bot'] });
    expect((await attempt('bot@example.com', '-')).status).to.equal(401);
    expect((await attempt('bot@example.com', '')).status).to.equal(400);
    expect((await attempt('', 'x')).status).to.equal(400);
    expect((await attempt('bot@example.com', 'x'.repeat(2000))).status).to.equal(401);
    expect((await attempt('bot@example.com', 'x'.repeat(20_000))).status).to.equal(413);
  });
});
