import type { Room, WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import {
  agree,
  type ContentCloud,
  encryptAs,
  type Person,
  startContent,
} from '../../modules/harness.test.js';

describe('search, ping and build info', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    const shared = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Shared' });
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: shared.id, personId: ben.id });
    const own = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Own' });
    for (const [roomId, text] of [
      [shared.id, 'Hello, Doctor.'],
      [own.id, 'hello, only me'],
      [shared.id, 'What did Jim say?'],
    ])
      await cloud.ok(ana, 'POST', '/v1/messages', { roomId, text });
  });
  afterEach(() => cloud.close());
  const search = async (who: Person, body: object) => {
    const found = await cloud.ok<{ activities: { items: WireActivity[] } }>(
      who,
      'POST',
      '/argonaut/api/v1/search',
      body,
    );
    return Promise.all(
      found.activities.items.map(({ encryptionKeyUrl, object }) =>
        cloud.kms.decrypt(encryptionKeyUrl ?? '', object.displayName ?? ''),
      ),
    );
  };

  it('finds messages of one’s own conversations, whatever the case, newest first', async () => {
    expect(await search(ana, { query: 'hElLo' })).to.deep.equal(['hello, only me', 'Hello, Doctor.']);
    expect(await search(ben, { query: 'hElLo' })).to.deep.equal(['Hello, Doctor.']);
    expect(await search(ana, { query: 'jim say' })).to.deep.equal(['What did Jim say?']);
    expect(await search(ana, { query: 'hello', limit: 1 })).to.deep.equal(['hello, only me']);
    expect(await search(ana, { query: 'hello', sharedBy: ben.id })).to.deep.equal([]);
    expect(await search(ana, { query: 'nothing' })).to.deep.equal([]);
  });

  it('reads a query that is encrypted under a key of the caller’s, and under no other’s', async () => {
    const [a, b] = [await agree(cloud, ana), await agree(cloud, ben)];
    const make = async (who: typeof a) =>
      (await who.ask({ method: 'create', uri: '/keys', count: 1 })).keys?.[0];
    const [hers, his] = [await make(a), await make(b)];
    const sealed = (key: typeof hers) => encryptAs((key?.jwk as { k?: string }).k ?? '', 'jim');
    const body = { query: await sealed(hers), searchEncryptionKeyUrl: hers?.uri };
    expect(await search(ana, body)).to.deep.equal(['What did Jim say?']);
    const foreign = { query: await sealed(his), searchEncryptionKeyUrl: his?.uri };
    expect((await cloud.call(ana, 'POST', '/argonaut/api/v1/search', foreign)).status).to.equal(400);
    for (const bad of [
      {},
      { query: '' },
      { query: 7 },
      { query: 'x'.repeat(1001) },
      { query: 'x', limit: -1 },
    ])
      expect((await cloud.call(ana, 'POST', '/argonaut/api/v1/search', bad)).status).to.equal(400);
  });

  it('says that the service is there, and which', async () => {
    expect(await cloud.ok(undefined, 'GET', '/v1/ping')).to.include({ serviceState: 'online' });
    expect(await cloud.ok(undefined, 'GET', '/v1/build_info')).to.include({ name: 'trunkline' });
  });
});
