import { guest } from '@trunkline/auth';
import { createClient, isSdkError, type Client, type SdkError } from '@trunkline/core';
import { devices, type Devices } from '@trunkline/devices';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { startServer } from '@trunkline/server';
import { expectQuiet, joinCloud, nextEvent, type Cloud } from '@trunkline/testing';
import { encodeBase64Url } from '@trunkline/wire';
import { expect } from 'chai';

interface RoomDevice {
  readonly id: string;
  readonly pin: string;
  readonly ultrasoundToken: string;
  readonly screenUrl: string;
  readonly occupants: readonly string[];
  readonly bindings: readonly string[];
}
const plugins = () => [devices(), rooms(), messages(), memberships(), e2ee()] as const;
type Member = Client<ReturnType<typeof plugins>>;

async function refusal(work: Promise<unknown>): Promise<SdkError> {
  const error: unknown = await work.then(
    () => new Error('it was allowed'),
    (reason: unknown) => reason,
  );
  if (isSdkError(error)) return error;
  throw error as Error;
}

describe('devices against the service', () => {
  let cloud: Cloud;
  let passedMs = 0;
  const people: Member[] = [];
  before(async () => {
    const now = (): number => Date.now() + passedMs;
    const server = await startServer({ port: 0 }, { now, steady: now });
    cloud = joinCloud(server, () => server.close());
  });
  after(async () => {
    for (const client of people) {
      await client.close();
      await expectQuiet(client);
    }
    await cloud.close();
  });

  const person = async (name: string): Promise<Member> => {
    const client = await cloud.client(name, plugins());
    people.push(client);
    return client;
  };
  const make = (displayName: string, more: object = {}): Promise<RoomDevice> =>
    cloud.admin('POST', 'devices', { displayName, ...more });
  const look = async (id: string): Promise<RoomDevice> => {
    const { items } = await cloud.admin<{ items: readonly RoomDevice[] }>('GET', 'devices');
    const found = items.find((item) => item.id === id);
    if (found === undefined) throw new Error('there is no such device');
    return found;
  };
  /** Requests the PIN, reads it from the screen, sends it. */
  const enter = async (client: { readonly devices: Devices }, id: string) => {
    await client.devices.requestPin(id);
    return client.devices.pair({ pin: (await look(id)).pin });
  };

  it('are found by name, paired by the PIN on the screen, and left', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id, pin, screenUrl } = await make('Board Room North', { pin: '4711' });
    expect(pin).to.equal('4711');
    expect((await ana.devices.search({ searchQuery: 'nor' })).map((one) => one.id)).to.deep.equal([id]);
    expect(await ana.devices.search({ searchQuery: 'orth' })).to.deep.equal([]);
    expect((await refusal(ana.devices.pair({ pin }))).code).to.equal('ERR_NOT_PAIRED');
    expect((await refusal(ana.devices.mute())).code).to.equal('ERR_NOT_PAIRED');

    const asked = await ana.devices.requestPin(id);
    expect(asked.occupants).to.include({ pinChallenge: true });
    expect(ana.devices.getPairedDevice()).to.equal(undefined);
    expect(await (await fetch(screenUrl)).text()).to.include('>4711<');
    expect((await fetch(`${screenUrl.split('.').slice(0, -1).join('.')}.x`)).status).to.equal(404);

    const wrong = await refusal(ana.devices.pair({ pin: '0000' }));
    expect(wrong).to.include({ code: 'ERR_WRONG_PIN', status: 403 });
    expect(wrong.message).to.include('2 tries left').and.not.include('0000');
    const paired = nextEvent(ana.devices, 'paired');
    expect(await ana.devices.pair({ pin })).to.include({ id, displayName: 'Board Room North' });
    expect((await paired).device.id).to.equal(id);
    expect(ana.devices.getPairedDevice()?.id).to.equal(id);
    expect((await look(id)).pin).not.to.equal('4711');
    expect((await look(id)).occupants).to.have.length(1);

    // who is not in the room does not learn who is
    const seen = await ben.devices.requestPin(id);
    expect(seen.occupants.items).to.deep.equal([]);
    const joined = nextEvent(ana.devices, 'updated', {
      where: ({ space }) => space.occupants.items.filter(({ verified }) => verified).length === 2,
    });
    await ben.devices.pair({ pin: (await look(id)).pin });
    expect((await joined).space.occupants.items.map(({ identity }) => identity.displayName)).to.have.members([
      'Ana',
      'Ben',
    ]);
    expect((await ben.devices.requestPin(id)).occupants.self).to.deep.equal({ verified: true });

    const gone = nextEvent(ana.devices, 'unpaired');
    await ana.devices.unpair();
    expect((await gone).device.id).to.equal(id);
    expect(ana.devices.getPairedDevice()).to.equal(undefined);
    expect((await look(id)).occupants).to.have.length(1);
    expect((await refusal(ana.devices.unpair())).code).to.equal('ERR_NOT_PAIRED');
    await ben.devices.unpair({ removeAllDevices: true });
    expect((await look(id)).occupants).to.deep.equal([]);
  });

  it('receive what their room receives', async () => {
    const ana = await person('ana');
    const { id, ultrasoundToken } = await make('Listening Post');
    const { advertiser } = await ana.devices.get(ultrasoundToken);
    expect(advertiser).to.include({ id, displayName: 'Listening Post' });
    expect((await refusal(ana.devices.get('0123456789abcdef'))).code).to.equal('ERR_NOT_FOUND');
  });

  it('let no one guess: another PIN after three wrong ones, and a wait', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id, pin } = await make('Vault');
    await ana.devices.requestPin(id);
    const bad = pin === '000000' ? '111111' : '000000';
    expect((await refusal(ana.devices.pair({ pin: bad }))).code).to.equal('ERR_WRONG_PIN');
    expect((await refusal(ana.devices.pair({ pin: bad }))).code).to.equal('ERR_WRONG_PIN');
    expect((await refusal(ana.devices.pair({ pin: bad }))).code).to.equal('ERR_PIN_EXPIRED');
    expect((await look(id)).pin).not.to.equal(pin);
    expect((await refusal(ana.devices.pair({ pin }))).code).to.equal('ERR_NOT_PAIRED');
    const wait = await refusal(ana.devices.requestPin(id));
    expect(wait).to.include({ code: 'ERR_PIN_EXPIRED' });
    expect(wait.message).to.match(/ask again in \d+ s/);
    await enter(ben, id); // another person is not held up
    passedMs += 61_000;
    await enter(ana, id);
    await ana.devices.unpair();
    await ben.devices.unpair();
  });

  it('keep volume and microphones, for those who are paired', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id } = await make('Loud Room');
    await enter(ana, id);
    await enter(ben, id);
    const before = await ana.devices.getAudioState();
    expect(before.volume).to.deep.equal({ level: 50, min: 0, max: 100 });
    expect((await ana.devices.setVolume(98)).volume.level).to.equal(98);
    expect((await ana.devices.increaseVolume()).volume.level).to.equal(100);
    expect((await ana.devices.increaseVolume()).volume.level).to.equal(100);
    expect((await ana.devices.decreaseVolume()).volume.level).to.equal(95);
    expect((await refusal(ana.devices.setVolume(101))).code).to.equal('ERR_ARGUMENT');
    await ben.devices.listen();
    const received = nextEvent(ben.devices, 'updated');
    expect((await ana.devices.mute()).microphones.muted).to.equal(true);
    await received;
    expect((await ben.devices.getAudioState()).microphones.muted).to.equal(true);
    await ben.devices.putAudioState({ volume: { level: 20 } });
    expect(await ana.devices.unmute()).to.deep.include({
      volume: { level: 20, min: 0, max: 100 },
      microphones: { muted: false },
    });
    await ben.devices.unpair();
    expect((await refusal(ben.devices.mute())).code).to.equal('ERR_NOT_PAIRED');
    await ana.devices.unpair();
  });

  it('join a conversation with its keys, receive messages, and are removed when unbound', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id } = await make('Blue Room');
    const { accessToken } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', { userId: id });
    const box = await cloud.client({ ...(await cloud.person('ana')), accessToken }, [messages(), e2ee()]);
    await box.messages.listen();
    const room = await ana.rooms.create({ title: 'Plans' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    await ana.messages.create({ roomId: room.id, text: 'before' });
    expect((await refusal(box.messages.list({ roomId: room.id }).page())).code).to.equal('ERR_NOT_FOUND');

    expect((await refusal(ana.devices.bindSpace({ conversationId: room.id }))).code).to.equal(
      'ERR_NOT_PAIRED',
    );
    await enter(ana, id);
    const other = await ben.rooms.create({ title: 'None of hers' });
    expect((await refusal(ana.devices.bindSpace({ conversationId: other.id }))).code).to.equal(
      'ERR_NOT_FOUND',
    );
    expect((await refusal(ana.devices.unbindSpace())).code).to.equal('ERR_ARGUMENT');
    await ana.devices.bindSpace({ conversationId: room.id });
    expect((await look(id)).bindings).to.have.length(1);

    const received = nextEvent(box.messages, 'created');
    await ben.messages.create({ roomId: room.id, text: 'the launch is at nine' });
    expect((await received).text).to.equal('the launch is at nine');
    const { items } = await ana.memberships.list({ roomId: room.id }).page();
    expect(items.map(({ personDisplayName }) => personDisplayName)).to.include('Blue Room');

    await ana.devices.unbindSpace();
    await ben.messages.create({ roomId: room.id, text: 'not for machines' });
    expect((await refusal(box.messages.list({ roomId: room.id }).page())).code).to.equal('ERR_NOT_FOUND');
    expect((await look(id)).bindings).to.deep.equal([]);

    // what someone brought goes when they do
    await ana.devices.bindSpace({ conversationId: room.id });
    await box.messages.list({ roomId: room.id }).page();
    await ana.devices.unpair();
    expect((await refusal(box.messages.list({ roomId: room.id }).page())).code).to.equal('ERR_NOT_FOUND');
    await box.close();
    await expectQuiet(box);
  });

  it('are kept, with names that only their giver can read', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id } = await make('Huddle 3');
    await ana.devices.upsert({ id, userAssignedName: 'the quiet one' });
    const [found] = (await ana.devices.refresh()).filter((one) => one.id === id);
    expect(found).to.include({ displayName: 'Huddle 3', userAssignedName: 'the quiet one' });
    expect(JSON.stringify(found?.auxiliary)).not.to.include('quiet');
    expect(ana.devices.getAll().map((one) => one.id)).to.include(id);
    // the next pairing does not lose it
    await enter(ana, id);
    expect(ana.devices.getPairedDevice()?.userAssignedName).to.equal('the quiet one');
    expect((await ben.devices.refresh()).map((one) => one.id)).not.to.include(id);

    const plain = await cloud.client('ana', [devices()]);
    const [locked] = (await plain.devices.refresh()).filter((one) => one.id === id);
    expect(locked).to.include({ displayName: 'Huddle 3' }).and.not.have.property('userAssignedName');
    expect((await refusal(plain.devices.upsert({ id, userAssignedName: 'x' }))).code).to.equal(
      'ERR_NO_ENCRYPTION',
    );
    expect(plain.devices.getPairedDevice()).to.equal(undefined); // it is another client of hers
    await plain.close();
    await expectQuiet(plain);

    await ana.devices.remove(id);
    expect((await refusal(ana.devices.remove(id))).code).to.equal('ERR_NOT_FOUND');
    await ana.devices.unpair();
  });

  it('lose who signs out, and are lost when they are removed', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id } = await make('Short Lived');
    await enter(ana, id);
    await enter(ben, id);
    const { url } = await ben.connect();
    const { accessToken } = await cloud.person('ben');
    await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}` } });
    expect((await look(id)).occupants).to.have.length(1);
    const gone = nextEvent(ana.devices, 'unpaired');
    await cloud.admin('DELETE', `devices/${id}`);
    await gone;
    expect((await refusal(ana.devices.requestPin(id))).code).to.equal('ERR_NOT_FOUND');
  });

  it('refuse strangers, and what is not a device of the caller', async () => {
    const ana = await person('ana');
    const ben = await person('cleo');
    const { id, pin } = await make('Closed Door');
    const { accessToken } = await cloud.person('ana');
    const call = (method: string, path: string, body?: object, token = accessToken): Promise<Response> =>
      fetch(`${cloud.url}/lyra/api/v1/spaces/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
    const { url: own } = await ana.connect();
    const { url: another } = await ben.connect();
    const me = `${id}/occupants/@me`;
    const pass = { type: 'PIN_ANSWER', data: pin };
    expect((await call('GET', id, undefined, 'no_such_token')).status).to.equal(401);
    expect((await call('PUT', me, { pass: { type: 'MANUAL' }, deviceUrl: another })).status).to.equal(400);
    expect((await call('PUT', me, { pass: { type: 'TELEPATHY' }, deviceUrl: own })).status).to.equal(400);
    // the right PIN without having asked for it is worth nothing: it is tried as often as someone asks
    expect((await call('PUT', me, { pass, deviceUrl: own })).status).to.equal(403);
    expect((await call('GET', `${id}/audio`)).status).to.equal(403);
    expect((await call('GET', `${id}/bindings`)).status).to.equal(403);
    expect((await call('PUT', `${id}/occupants/${id}`, { pass: { type: 'VERIFICATION' } })).status).to.equal(
      403,
    );
    expect((await call('DELETE', `${me}?deviceUrl=${encodeBase64Url('http://x')}`)).status).to.equal(400);
    // a machine of this organisation is not a person, and one device sees no other
    const machine = await make('Spy');
    const { accessToken: spy } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', {
      userId: machine.id,
    });
    // and a guest passes by
    const issuer = await cloud.admin<{ issuer: string; secret: string }>('POST', 'guest-issuers', {});
    const visitor = createClient({
      service: cloud.url,
      token: guest({ service: cloud.url, ...issuer, displayName: 'Visitor', subject: 'v' }),
      plugins: [devices()],
    });
    expect((await refusal(visitor.devices.requestPin(id))).code).to.equal('ERR_NOT_FOUND');
    expect(await visitor.devices.search({ searchQuery: 'closed' })).to.deep.equal([]);
    await visitor.close();
    const [hidden, absent] = await Promise.all([
      call('GET', id, undefined, spy),
      call('GET', '00000000-0000-4000-8000-000000000000', undefined, spy),
    ]);
    expect(hidden.status).to.equal(404);
    const text = async (answer: Response): Promise<unknown> =>
      ((await answer.json()) as { message: unknown }).message;
    expect(await text(hidden)).to.equal(await text(absent));
    expect((await call('GET', machine.id, undefined, spy)).status).to.equal(200);
  });

  it('let people in whom someone in the room vouches for', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const { id } = await make('Open Door');
    await enter(ana, id);
    await ben.devices.requestPin(id);
    const paired = nextEvent(ben.devices, 'paired');
    const { id: benId } = await cloud.person('ben');
    const { accessToken } = await cloud.person('ana');
    const answer = await fetch(`${cloud.url}/lyra/api/v1/spaces/${id}/occupants/${benId}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ pass: { type: 'VERIFICATION' } }),
    });
    expect(answer.status).to.equal(200);
    expect((await paired).device.id).to.equal(id);
    expect((await ben.devices.getAudioState()).microphones.muted).to.equal(false);
  });

  it('let people in whom the device itself has verified (A33)', async () => {
    const device = await make('Wall');
    const { accessToken: deviceToken } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', {
      userId: device.id,
    });
    const url = `${cloud.url}/lyra/api/v1/spaces/${device.id}/occupants`;
    const verify = async (who: string, token = deviceToken): Promise<number> =>
      (
        await fetch(`${url}/${who}`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ pass: { type: 'VERIFICATION' } }),
        })
      ).status;
    const ben = await person('ben');
    const { id: benId } = await cloud.person('ben');
    const { accessToken: stranger } = await cloud.person('mallory');
    expect(await verify(benId)).to.equal(404); // not in the room
    await ben.devices.requestPin(device.id);
    expect(await verify(benId, stranger)).not.to.equal(200);
    const paired = nextEvent(ben.devices, 'paired');
    expect(await verify(benId)).to.equal(200);
    expect((await paired).device.id).to.equal(device.id);
    for (const itself of ['@me', device.id]) expect(await verify(itself)).to.equal(400);
  });

  it('take a PIN for five minutes', async () => {
    const ana = await person('ana');
    const { id, pin } = await make('Slow Room');
    await ana.devices.requestPin(id);
    passedMs += 5 * 60_000 + 1;
    expect((await refusal(ana.devices.pair({ pin }))).code).to.equal('ERR_PIN_EXPIRED');
    expect((await look(id)).pin).not.to.equal(pin);
    await enter(ana, id);
    passedMs += 12 * 3_600_000 + 1; // no one sits in a room for that long
    expect((await refusal(ana.devices.getAudioState())).code).to.equal('ERR_NOT_PAIRED');
    expect(ana.devices.getPairedDevice()).to.equal(undefined);
  });
});
