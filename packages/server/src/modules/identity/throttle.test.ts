import { expect } from 'chai';
import { type Browser, type IdentityCloud, type Reply, startIdentity } from './harness.test.js';
import { createThrottle } from './throttle.js';

describe('the throttle', () => {
  let nowMs = 0;
  const throttle = () => {
    nowMs = 1_000_000;
    return createThrottle(() => nowMs);
  };
  type One = ReturnType<typeof throttle>;
  const fail = async (of: One, account: string, address: string, knownBrowser?: string): Promise<number> => {
    const attempt = await of.attempt({ account, address, knownBrowser });
    if (!attempt.ok) return attempt.waitS;
    attempt.done();
    return 0;
  };
  const succeed = async (
    of: One,
    account: string,
    address: string,
    knownBrowser?: string,
  ): Promise<number> => {
    const attempt = await of.attempt({ account, address, knownBrowser });
    if (!attempt.ok) return attempt.waitS;
    attempt.succeeded();
    attempt.done();
    return 0;
  };

  it('lets people mistype, then doubles the wait up to its end, and forgets', async () => {
    const one = throttle();
    const waits: number[] = [];
    for (let at = 0; at < 17; at += 1) {
      const wait = await fail(one, at % 2 === 0 ? 'a' : 'A ', '10.0.1.1');
      waits.push(wait);
      nowMs += wait * 1000 || 1;
      // asking again while one must wait is not an attempt
      if (wait > 0) expect(await fail(one, 'a', '10.0.1.1')).to.equal(0);
    }
    expect(waits.filter((wait) => wait > 0).slice(0, 4)).to.deep.equal([1, 2, 4, 8]);
    expect(Math.max(...waits)).to.equal(300);
    nowMs += 3_600_001;
    for (let at = 0; at < 5; at += 1) expect(await fail(one, 'a', '10.0.1.1')).to.equal(0);
  });

  it('counts a /64 as one address', async () => {
    const one = throttle();
    for (let at = 0; at < 5; at += 1)
      expect(await fail(one, 'a', `2001:db8:0:1::${at.toString(16)}`)).to.equal(0);
    expect(await fail(one, 'a', '2001:db8:0:1:ffff::1')).to.equal(1);
    expect(await fail(one, 'a', '2001:db8:0:2::1')).to.equal(0);
  });

  it('lets in each account of an address at which many others failed (F4)', async () => {
    const one = throttle();
    for (let at = 0; at < 1000; at += 1) await fail(one, `guess${String(at % 200)}`, '10.0.0.1');
    for (let at = 0; at < 50; at += 1)
      expect(await succeed(one, `colleague${String(at)}`, '10.0.0.1')).to.equal(0);
    // one try is free there; after that it waits, as a guesser would
    expect(await fail(one, 'mistyped', '10.0.0.1')).to.equal(0);
    expect(await fail(one, 'mistyped', '10.0.0.1')).to.equal(1);
    nowMs += 1000;
    expect(await succeed(one, 'mistyped', '10.0.0.1')).to.equal(0);
  });

  it('does not lock an office out for its honest mistakes', async () => {
    const one = throttle();
    for (let person = 0; person < 100; person += 1) {
      expect(await fail(one, `p${String(person)}`, '10.0.0.1')).to.equal(0);
      expect(await succeed(one, `p${String(person)}`, '10.0.0.1')).to.equal(0);
    }
  });

  it('lets a person in at their own address, whatever fails for their account elsewhere (F4)', async () => {
    const one = throttle();
    expect(await succeed(one, 'a', '10.0.0.1')).to.equal(0);
    for (let at = 0; at < 500; at += 1) await fail(one, 'a', `172.16.${String(at % 250)}.1`);
    expect(await succeed(one, 'a', '10.0.0.1')).to.equal(0);
  });

  it('slows guessing from many addresses down for addresses that are not known', async () => {
    const one = throttle();
    for (let at = 0; at < 50; at += 1) expect(await fail(one, 'a', `172.16.${String(at)}.1`)).to.equal(0);
    expect(await fail(one, 'a', '172.17.0.1')).to.equal(1);
    // of that account only
    expect(await fail(one, 'b', '172.17.0.1')).to.equal(0);
  });

  it('gives a known browser tries of its own, at the address of the guesser as well (F4)', async () => {
    const one = throttle();
    for (let at = 0; at < 20; at += 1) {
      nowMs += 300_000;
      await fail(one, 'a', '10.0.0.1');
    }
    expect(await fail(one, 'a', '10.0.0.1')).to.equal(300);
    expect(await succeed(one, 'a', '10.0.0.1', 'mine')).to.equal(0);
    for (let at = 0; at < 10; at += 1) expect(await fail(one, 'a', '10.0.0.1', 'mine')).to.equal(0);
    expect(await fail(one, 'a', '10.0.0.2', 'mine')).to.equal(1);
  });

  it('forgets an account’s failures at an address when its password was right, but no other’s', async () => {
    const one = throttle();
    for (let at = 0; at < 4; at += 1) await fail(one, 'a', '10.0.0.1');
    for (let at = 0; at < 5; at += 1) await fail(one, 'b', '10.0.0.1');
    expect(await succeed(one, 'a', '10.0.0.1')).to.equal(0);
    for (let at = 0; at < 5; at += 1) expect(await fail(one, 'a', '10.0.0.1')).to.equal(0);
    expect(await fail(one, 'a', '10.0.0.1')).to.equal(1);
    expect(await fail(one, 'b', '10.0.0.1')).to.equal(1);
  });

  it('counts attempts that are made at the same time', async () => {
    const one = throttle();
    const same = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const attempt = await one.attempt({ account: 'a', address: '10.0.0.1' });
        if (attempt.ok) attempt.done();
        return attempt.ok;
      }),
    );
    expect(same.filter(Boolean)).to.have.length(5);
  });

  it('checks few passwords at once, of one address fewer, and refuses no other address (F4)', async () => {
    const one = throttle();
    const running: (() => void)[] = [];
    let refused = 0;
    for (let at = 0; at < 300; at += 1)
      void one.attempt({ account: `p${String(at)}`, address: '10.0.0.1' }).then((attempt) => {
        if (attempt.ok) running.push(attempt.done);
        else refused += 1;
      });
    const settled = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    };
    await settled();
    expect([running.length, refused]).to.deep.equal([4, 96]);
    const neighbour = await one.attempt({ account: 'ben', address: '10.0.0.2' });
    expect(neighbour.ok).to.equal(true);
    // in the same office, a person's own browser does not stand in that queue
    const own = await one.attempt({ account: 'ana', address: '10.0.0.1', knownBrowser: 'mine' });
    expect(own.ok).to.equal(true);
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
    for (const email of ['ana@example.com', 'unknown@example.com'])
      for (let at = 0; at < 6; at += 1) {
        const reply = await attempt(email, 'wrong');
        (seen[email] ??= []).push([reply.status, told(reply), reply.headers['retry-after']]);
      }
    expect(seen['ana@example.com']).to.deep.equal(seen['unknown@example.com']);
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

  describe('behind one address, such as an office or a proxy (F4)', () => {
    const from = async (name: string, password = 'right', of = cloud.browser()): Promise<number> => {
      await of.go(cloud.authorizeUrl({ prompt: 'login' }));
      return (await of.submit({ action: 'sign-in', email: `${name}@example.com`, password })).status;
    };

    it('takes right passwords of others after many wrong ones, again and again', async () => {
      for (const name of ['ana', 'ben']) await cloud.person(name);
      for (let round = 0; round < 2; round += 1) {
        for (let at = 0; at < 33; at += 1) await from(`guess${String(at)}`, 'wrong', browser);
        expect(await from('ana')).to.equal(303);
        expect(await from('ben')).to.equal(303);
      }
    });

    it('takes the right password in a known browser while others fail for that account', async () => {
      await cloud.person('ana');
      const own = cloud.browser();
      expect(await from('ana', 'right', own)).to.equal(303);
      for (let at = 0; at < 12; at += 1) await from('ana', 'wrong', browser);
      expect(await from('ana', 'right', browser)).to.equal(429);
      expect(await from('ana', 'right', own)).to.equal(303);
      // and it is still the same person's browser only
      expect(await from('ben', 'right', own)).to.equal(401);
    });

    it('knows no browser any more by a cookie that was replaced, by another person’s, or by junk', async () => {
      await cloud.person('ana');
      const own = cloud.browser();
      await from('ana', 'right', own);
      const name = [...own.cookies.keys()].find((each) => each.includes('known')) ?? '';
      const first = own.cookies.get(name) ?? '';
      await from('ana', 'right', own);
      expect(own.cookies.get(name)).not.to.equal(first);
      for (let at = 0; at < 12; at += 1) await from('ana', 'wrong', browser);
      for (const planted of [first, 'x'.repeat(43), '']) {
        const other = cloud.browser();
        other.cookies.set(name, planted);
        expect(await from('ana', 'right', other)).to.equal(429);
      }
    });

    it('forgets known browsers when the password changes', async () => {
      const { id } = await cloud.person('ana');
      const own = cloud.browser();
      await from('ana', 'right', own);
      const { accessToken } = await cloud.identity.tokens.grant(id);
      const caller = await cloud.identity.callerOfToken(accessToken);
      if (caller === undefined) throw new Error('no caller');
      await cloud.identity.changePassword(caller, 'another one');
      for (let at = 0; at < 12; at += 1) await from('ana', 'wrong', browser);
      expect(await from('ana', 'another one', own)).to.equal(429);
    });
  });

  describe('behind a proxy', () => {
    const proxied = async (
      cloudOf: IdentityCloud,
      forwardedFor: string,
      password = 'right',
    ): Promise<number> => {
      const one = cloudOf.browser('127.0.0.1', forwardedFor);
      await one.go(cloudOf.authorizeUrl());
      return (await one.submit({ action: 'sign-in', email: 'ana@example.com', password })).status;
    };
    it('counts the client’s own address where the proxy is trusted', async () => {
      const trusting = await startIdentity(undefined, { trustedProxies: ['loopback', '10.0.0.0/8'] });
      try {
        await trusting.client();
        await trusting.person('ana');
        for (let at = 0; at < 6; at += 1) await proxied(trusting, '203.0.113.7', 'wrong');
        expect(await proxied(trusting, '203.0.113.7')).to.equal(429);
        // what the client wrote itself stands on the left, and other trusted proxies on the right
        expect(await proxied(trusting, '198.51.100.1, 203.0.113.7, 10.1.2.3')).to.equal(429);
        expect(await proxied(trusting, '203.0.113.8')).to.equal(303);
      } finally {
        await trusting.close();
      }
    });
    it('believes no header by default', async () => {
      await cloud.person('ana');
      for (let at = 0; at < 6; at += 1) await proxied(cloud, `203.0.113.${String(at)}`, 'wrong');
      expect(await proxied(cloud, '203.0.113.99')).to.equal(429);
    });
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
