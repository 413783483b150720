import { expect } from 'chai';
import type { Message } from '@trunkline/messages';
import { emojiOf, whoReacted } from './reactions.js';
import { threadsOf } from './timeline.js';

const message = (id: string, parentId?: string): Message => ({
  ...{ id, roomId: 'room', roomType: 'group', personId: 'ana', personEmail: 'ana@example.com' },
  ...{ created: '2026-01-01T10:00:00.000Z', ...(parentId !== undefined && { parentId }) },
});

describe('threads and reactions', () => {
  it('answers leave the room for their message, unless it is not here', () => {
    const { roots, replies } = threadsOf([
      message('a'),
      message('b', 'a'),
      message('c', 'older'),
      message('d', 'a'),
    ]);
    expect(roots.map(({ id }) => id)).to.deep.equal(['a', 'c']);
    expect(replies.get('a')?.map(({ id }) => id)).to.deep.equal(['b', 'd']);
  });

  it('says who reacted, as far as they are known', () => {
    expect(whoReacted('heart', 1, ['You'])).to.equal('You: heart');
    expect(whoReacted('heart', 2, ['You'])).to.equal('You and 1 other: heart');
    expect(whoReacted('heart', 5, ['You', 'Ben'])).to.equal('You, Ben and 3 others: heart');
    expect(whoReacted('heart', 2, [])).to.equal('2 others: heart');
  });

  it('shows a reaction that is not known by its name', () => {
    expect(emojiOf('heart')).to.equal('❤️');
    expect(emojiOf('wave')).to.equal('wave');
    expect(emojiOf('')).to.equal('•');
  });
});
