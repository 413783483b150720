import { expect } from 'chai';
import { commands, events } from './protocol.js';

const failure = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error;
  }
};

describe('messages between the processes', () => {
  it('drop what they do not name', () => {
    expect(commands.openTransport({ transport: 't1', more: 1 }, 'openTransport')).to.deep.equal({
      transport: 't1',
    });
  });
  for (const [what, read] of [
    ['no object', () => commands.openTransport('t1', 'x')],
    ['an empty id', () => commands.openTransport({ transport: '' }, 'x')],
    ['an id that is too long', () => commands.openTransport({ transport: 'x'.repeat(600) }, 'x')],
    [
      'an SSRC of 0',
      () => commands.openSlot({ transport: 't', slot: { slot: 's', mid: '0', kind: 'audio', ssrc: 0 } }, 'x'),
    ],
    [
      'another kind',
      () => commands.openSlot({ transport: 't', slot: { slot: 's', mid: '0', kind: 'text', ssrc: 1 } }, 'x'),
    ],
    ['samples that are none', () => events.tapAudio({ tap: 'a', samples: [1, 2], atMs: 0 }, 'x')],
    ['a state that does not exist', () => events.transportState({ transport: 't', state: 'odd' }, 'x')],
  ] as const)
    it(`refuse ${what}, and say where`, () => {
      const error = failure(read);
      expect(error).to.include({ code: 'ERR_MEDIA_PROTOCOL' });
      expect((error as Error).message).to.match(/^x/);
    });
  it('keep bytes and samples', () => {
    const samples = new Int16Array([1, -2]);
    expect(events.tapAudio({ tap: 'a', samples, atMs: 5 }, 'x').samples).to.equal(samples);
    const data = new Uint8Array([1, 2]);
    expect(commands.sendMessage({ transport: 't', label: 'l', data }, 'x').data).to.deep.equal(
      Buffer.from([1, 2]),
    );
  });
});
