import { expect } from 'chai';
import { fakeModule, startModules } from '../../kernel/harness.test.js';
import { urlsAt } from '../../kernel/http/urls.js';
import { type ContentCloud, type Person, startContent, testBase } from '../harness.test.js';
import type { RoomDevices } from './api.js';
import { lyra as lyraModule } from './index.js';
import { answerPin, challenge, occupancyMs, pinLifeMs } from './pins.js';
import { deviceById, insertBinding, occupantsOf, putOccupant } from './store.js';

describe('lyra', () => {
  let cloud: ContentCloud;
  let running: Awaited<ReturnType<typeof startModules>>;
  let lyra: RoomDevices;
  let ana: Person;
  let deviceId: string;
  let nowMs: number;
  let registered: Set<string>;
  let removed: (id: string) => Promise<void>;
  beforeEach(async () => {
    nowMs = 1_000_000_000_000;
    cloud = await startContent({}, () => nowMs);
    registered = new Set(['phone', 'laptop']);
    running = await startModules(cloud.kernel, [
      fakeModule('identity', cloud.identity),
      fakeModule('conversation', cloud.conversations),
      fakeModule('mercury', {
        append: () => Promise.resolve(0),
        sendToDevice: () => true,
        sendToUsers: () => undefined,
        membershipChanged: () => undefined,
      }),
      fakeModule('devices', {
        existing: (ids) => Promise.resolve(new Set(ids.filter((id) => registered.has(id)))),
        onRemoved: (listener) => {
          removed = listener;
        },
      }),
      lyraModule,
    ]);
    ({ lyra } = running.apis);
    ana = await cloud.person('ana');
    ({ id: deviceId } = (await lyra.create({ displayName: 'Blue', pin: '123456' }, urlsAt(testBase))) as {
      id: string;
    });
  });
  afterEach(() => cloud.close());

  const sit = (wdm_id: string, userId = ana.id): Promise<void> =>
    cloud.store.write(({ tx }) =>
      putOccupant(tx, {
        device_id: deviceId,
        user_id: userId,
        wdm_id,
        verified: 1,
        expires_ms: nowMs + occupancyMs,
      }),
    );
  const asAna = async () => {
    const caller = await cloud.identity.callerOfToken(ana.token);
    if (caller === undefined) throw new Error('her token is good');
    return caller;
  };
  /** A conversation of hers with the device in it. */
  async function bound(): Promise<string> {
    const caller = await asAna();
    const { id } = await cloud.conversations.create(caller, { memberIds: [], title: 'Plans' });
    await cloud.conversations.submit(caller, id, {
      verb: 'add',
      object: { objectType: 'person', id: deviceId },
    });
    await cloud.store.write(({ tx }) =>
      insertBinding(tx, {
        device_id: deviceId,
        conversation_id: id,
        user_id: ana.id,
        created_ms: nowMs,
      }),
    );
    return id;
  }
  const isIn = async (conversationId: string): Promise<boolean> =>
    (await cloud.conversations.reads.membership(conversationId, deviceId)) !== undefined;

  describe('sweep', () => {
    it('takes the device out of a conversation when who brought it is not a member any more', async () => {
      await sit('phone');
      const id = await bound();
      await running.sweep();
      expect(await isIn(id)).to.equal(true);
      const caller = await asAna();
      await cloud.conversations.submit(caller, id, {
        verb: 'leave',
        object: { objectType: 'person', id: ana.id },
      });
      await running.sweep();
      expect(await isIn(id)).to.equal(false);
    });
    it('ends it with the time in the room, and with clients that are gone', async () => {
      await sit('phone');
      const first = await bound();
      nowMs += occupancyMs;
      await running.sweep();
      expect(await isIn(first)).to.equal(false);
      await sit('laptop');
      const second = await bound();
      registered.delete('laptop');
      await running.sweep();
      expect(await isIn(second)).to.equal(false);
      expect(await occupantsOf(cloud.store.db, deviceId, 0)).to.deep.equal([]);
    });
  });

  it('keeps what a user bound as long as one of their clients is in the room', async () => {
    await sit('phone');
    await sit('laptop');
    const id = await bound();
    await removed('phone');
    expect(await isIn(id)).to.equal(true);
    await removed('laptop');
    expect(await isIn(id)).to.equal(false);
  });

  it('takes its account and its tokens away with a device', async () => {
    await sit('phone');
    const id = await bound();
    const { accessToken } = await cloud.identity.tokens.grant(deviceId);
    expect(await lyra.remove(deviceId)).to.equal(true);
    expect(await isIn(id)).to.equal(false);
    expect(await cloud.identity.callerOfToken(accessToken)).to.equal(undefined);
    expect(await lyra.remove(deviceId)).to.equal(false);
    expect(await lyra.list(urlsAt(testBase))).to.deep.equal([]);
  });

  describe('a PIN', () => {
    const who = () => ({ user_id: ana.id, wdm_id: 'phone' });
    const ask = (): Promise<void> =>
      cloud.store.write(async ({ tx }) => {
        const device = await deviceById(tx, deviceId);
        if (device !== undefined) await challenge(tx, device, who(), nowMs);
      });
    const tell = (pin: string) =>
      cloud.store.write(async ({ tx }) => {
        const device = await deviceById(tx, deviceId);
        return device === undefined ? undefined : answerPin(tx, device, who(), pin, nowMs);
      });
    const shown = async (): Promise<string> => (await deviceById(cloud.store.db, deviceId))?.pin ?? '';

    it('is worth nothing until it was asked for, and nothing when its time is over', async () => {
      expect(await tell('123456')).to.include({ status: 403 });
      await ask();
      nowMs += pinLifeMs;
      expect(await tell('123456')).to.include({ status: 403 });
      await ask();
      expect(await tell(await shown())).to.equal(undefined);
    });
    it('stays while another person reads it, and changes when the last has entered it', async () => {
      await ask();
      await cloud.store.write(({ tx }) =>
        putOccupant(tx, {
          device_id: deviceId,
          user_id: 'other',
          wdm_id: 'theirs',
          verified: 0,
          expires_ms: nowMs + pinLifeMs,
        }),
      );
      expect(await tell('123456')).to.equal(undefined);
      expect(await shown()).to.equal('123456');
    });
    it('costs who guesses more time at each round', async () => {
      for (const waitMs of [60_000, 120_000, 240_000]) {
        await ask();
        const wrong = `${await shown()}0`;
        for (let round = 0; round < 3; round += 1) await tell(wrong);
        nowMs += waitMs - 1;
        const refused: unknown = await ask().catch((error: unknown) => error);
        expect(refused).to.include({ status: 403 });
        nowMs += 1;
      }
      await ask();
      expect(await tell(await shown())).to.equal(undefined);
    });
  });
});
