// Rows of the list of capabilities (docs/guides/capabilities.md): which events arrive, and over which connection.
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { until } from '../kit/until.js';
import { leave, meet, roomOf, type Somebody } from './kit.js';

describe('capabilities: listening', () => {
  let cloud: Cloud;
  let ana: Somebody;
  let ben: Somebody;
  before(async () => {
    cloud = await startCloud();
    [ana, ben] = await meet(cloud, 'ana', 'ben');
  });
  after(() => leave(cloud, ana, ben));

  it('row 8: an app chooses the events it receives, kind by kind, and stops when it likes', async () => {
    const { id: roomId } = await roomOf(ana, 'Listening', 'ben');
    const received: string[] = [];
    await ben.messages.listen();
    ben.messages.on('created', ({ text }) => received.push(`created ${text ?? ''}`));
    const offDeleted = ben.messages.on('deleted', () => received.push('deleted'));
    const offSeen = ben.memberships.on('seen', () => received.push('seen'));

    const one = await ben.messages.create({ roomId, text: 'one' });
    await ana.memberships.updateLastSeen(one);
    const two = await ana.messages.create({ roomId, text: 'two' });
    await ana.messages.remove(two);
    const isOver = (end: string) =>
      until(
        () => received.at(-1) === end,
        () => `received ${received.join(', ')}`,
      );
    await isOver('deleted');
    expect(received).to.deep.equal(['created one', 'seen', 'created two', 'deleted']);

    offDeleted(); // one kind
    offSeen(); // all of one plugin
    const three = await ben.messages.create({ roomId, text: 'three' });
    await ana.memberships.updateLastSeen(three);
    await ben.messages.remove(three);
    await ana.messages.create({ roomId, text: 'four' });
    await isOver('created four');
    expect(received.slice(4)).to.deep.equal(['created three', 'created four']);

    ben.messages.stopListening(); // whatever the kind; the socket is open still
    const other = nextEvent(ben.rooms, 'updated');
    await ana.messages.create({ roomId, text: 'unheard' });
    await ana.rooms.update({ id: roomId, title: 'Later' });
    await other; // came over the same socket, after the message
    expect(received).to.have.length(6);
    await ben.messages.listen();
    await ana.messages.create({ roomId, text: 'five' });
    await isOver('created five');
    expect(received).to.have.length(7);
  });

  it('row 9: an app sees its connection go and come back, and misses nothing', async () => {
    const { id: roomId } = await roomOf(ana, 'Connected', 'ben');
    const states: string[] = [];
    const received: (string | undefined)[] = [];
    ben.socket.on('state', ({ from, to }) => states.push(`${from} ${to}`));
    ben.messages.on('created', ({ text }) => received.push(text));
    expect(ben.socket.state).to.equal('open');

    const { id: userId } = await cloud.person('ben');
    const caughtUp = nextEvent(ben.socket, 'caughtUp');
    const waiting = nextEvent(ben.socket, 'state', { where: ({ to }) => to === 'waiting' });
    const admit = await cloud.fault({ kind: 'refuse-sockets', match: { userId } });
    await cloud.fault({ kind: 'drop-sockets', match: { userId } });
    expect((await waiting).retryInMs).to.be.a('number');
    expect(ben.socket.state).not.to.equal('open');
    await ana.messages.create({ roomId, text: 'while you were away' });
    await admit();
    expect((await caughtUp).missed).to.equal(1);
    await until(
      () => received.length > 0,
      () => 'it did not arrive',
    );
    expect(received).to.deep.equal(['while you were away']);
    expect(states[0]).to.equal('open waiting');
    expect(ben.socket.state).to.equal('open');

    // and by hand
    await ben.disconnect();
    expect(ben.socket.state).to.equal('closed');
    await ana.messages.create({ roomId, text: 'and again' });
    await ben.connect();
    await until(
      () => received.length > 1,
      () => 'it did not arrive',
    );
    expect(received).to.deep.equal(['while you were away', 'and again']);
  });
});
