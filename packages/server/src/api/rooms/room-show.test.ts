import type { Room } from '@trunkline/wire';
import { expect } from 'chai';
import { type ContentCloud, type Person, startContent } from '../../modules/harness.test.js';

describe('pages of rooms', () => {
  let cloud: ContentCloud;
  let ana: Person;
  beforeEach(async () => {
    cloud = await startContent();
    ana = await cloud.person('ana');
  });
  afterEach(() => cloud.close());
  const create = (title: string, description?: string): Promise<Room> =>
    cloud.ok<Room>(ana, 'POST', '/v1/rooms', {
      title,
      ...(description === undefined ? {} : { description }),
    });
  const list = async (query = ''): Promise<Room[]> =>
    (await cloud.ok<{ items: Room[] }>(ana, 'GET', `/v1/rooms?max=1000${query}`)).items;

  it('call each room by its own words, and each direct one by the other person', async () => {
    const rooms = [
      await create('one', 'about one'),
      await create('two'),
      await create('three', 'about three'),
    ];
    for (const name of ['ben', 'cat']) {
      const { id } = await cloud.person(name);
      await cloud.ok(ana, 'POST', '/v1/messages', { toPersonId: id, text: 'hello' });
    }
    const shown = (found: readonly Room[]) => found.map(({ title, description }) => [title, description]);
    const groups = [
      ['one', 'about one'],
      ['two', undefined],
      ['three', 'about three'],
    ];
    expect(shown(await list('&type=group'))).to.have.deep.members(groups);
    expect((await list('&type=direct')).map(({ title }) => title)).to.have.members(['ben Test', 'cat Test']);
    // alone a room says the same as in a list
    const all = await list();
    expect(all).to.have.length(5);
    for (const room of all)
      expect(await cloud.ok<Room>(ana, 'GET', `/v1/rooms/${room.id}`)).to.deep.equal(room);
    expect(all.map(({ id }) => id)).to.include.members(rooms.map(({ id }) => id));
  });

  it('show the others when the title of one cannot be read', async () => {
    const lost = await create('lost', 'about it');
    await create('kept', 'about the other');
    await cloud.store.write(({ tx }) =>
      tx
        .updateTable('conversations')
        .set({ title: 'no ciphertext' })
        .where('title', 'is not', null)
        .execute(),
    );
    await create('new');
    const found = await list();
    expect(found.find(({ id }) => id === lost.id))
      .to.include({ titleEncrypted: true, description: 'about it' })
      .and.not.have.property('title');
    expect(found.map(({ title }) => title)).to.have.members([undefined, undefined, 'new']);
    expect(found.map(({ description }) => description)).to.include('about the other');
  });
});
