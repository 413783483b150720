import type { Message } from '@trunkline/messages';
import { expect } from 'chai';
import { readersOf } from './readers.js';
import { readableBody, redact, safePath, shortPath } from './redact.js';
import { hueOf, initialsOf, looksLikeMarkdown, oneLine, sizeOf } from './text.js';
import { dayLabel, shortWhen } from './time.js';
import { mergeMessages, timelineOf } from './timeline.js';
import { unreadOf } from './unread.js';

const message = (id: string, personId: string, created: string, more: Partial<Message> = {}): Message => ({
  ...{ id, personId, created, personEmail: `${personId}@example.com`, roomId: 'r', roomType: 'group' },
  ...more,
});

describe('what the demo shows', () => {
  const noon = (minutes: number, day = 3) => new Date(2030, 0, day, 12, minutes).toISOString();

  describe('timelineOf', () => {
    it('groups by sender while messages are close, and begins again each day', () => {
      const items = timelineOf([
        message('1', 'ana', noon(0, 2)),
        message('2', 'ana', noon(0)),
        message('3', 'ana', noon(2)),
        message('4', 'ben', noon(3)),
        message('5', 'ben', noon(20)),
      ]);
      expect(
        items.map((item) => (item.kind === 'group' ? item.messages.map(({ id }) => id).join('') : item.kind)),
      ).to.deep.equal(['day', '1', 'day', '23', '4', '5']);
    });
    it('puts the line before what is new, also within a group', () => {
      const items = timelineOf([message('1', 'ana', noon(0)), message('2', 'ana', noon(1))], '2');
      expect(items.map(({ kind }) => kind)).to.deep.equal(['day', 'group', 'new', 'group']);
    });
  });

  describe('unreadOf', () => {
    const messages = [
      message('1', 'ana', noon(0)),
      message('2', 'ben', noon(1)),
      message('3', 'cara', noon(2)),
      message('4', 'ana', noon(3)),
    ];
    const idsFor = (me: string, lastSeen = ''): string =>
      unreadOf(messages, me, lastSeen)
        .map(({ id }) => id)
        .join('');
    it('counts messages of others that are newer than the last one seen or written (H29)', () => {
      expect(idsFor('dev')).to.equal('1234');
      expect(idsFor('dev', noon(1))).to.equal('34');
      expect(idsFor('ben')).to.equal('34');
      expect(idsFor('ana')).to.equal('');
      expect(idsFor('ben', noon(2))).to.equal('4');
    });
    it('never counts own messages, in whatever order they come (H29)', () => {
      const [first, second] = messages;
      expect(
        unreadOf(
          [second, first].filter((one) => one !== undefined),
          'ben',
          '',
        ),
      ).to.deep.equal([]);
    });
  });

  describe('mergeMessages', () => {
    it('keeps each once, in order of time, in its newest version', () => {
      const old = [message('b', 'ana', noon(2), { text: 'new', updated: noon(9) })];
      const merged = mergeMessages(old, [
        message('b', 'ana', noon(2), { text: 'old' }),
        message('a', 'ana', noon(1)),
      ]);
      expect(merged.map(({ id, text }) => [id, text])).to.deep.equal([
        ['a', undefined],
        ['b', 'new'],
      ]);
    });
  });

  describe('readersOf', () => {
    const messages = [
      message('1', 'ana', noon(1)),
      message('2', 'ben', noon(2)),
      message('3', 'ana', noon(3)),
    ];
    const at = (lastSeenId?: string, lastSeenDate?: string, personId = 'cara') =>
      [...readersOf(messages, [{ personId, name: personId, lastSeenId, lastSeenDate }]).keys()].join();
    it('goes by the message, else by the date, else by what one wrote', () => {
      expect(at('1')).to.equal('1');
      expect(at('something else', noon(2))).to.equal('2');
      expect(at()).to.equal('');
      expect(at('1', undefined, 'ben'), 'not at one’s own').to.equal('');
      expect(at('3', undefined, 'ben')).to.equal('3');
    });
  });

  describe('redact', () => {
    it('hides what opens something, wherever it stands', () => {
      const text = readableBody(
        '{"access_token":"s3cret","a":[{"Authorization":"Bearer s3cret"}],"b":"Bearer s3cret"}',
      );
      expect(text).not.to.include('s3cret');
      expect(redact({ expires_in: 5, name: 'x' })).to.deep.equal({ expires_in: 5, name: 'x' });
      expect(readableBody('no JSON, Bearer s3cret')).not.to.include('s3cret');
    });
    it('hides it in addresses too, and keeps the rest', () => {
      expect(safePath(new URL('http://h/p?max=5&token=s3cret&code=s3cret'))).to.equal(
        '/p?max=5&token=•••&code=•••',
      );
      expect(shortPath('/v1/rooms/0123456789abcdef0123?x=1')).to.equal('/v1/rooms/012345…');
    });
  });

  it('knows sizes, initials, hues and lines', () => {
    expect([900, 2048, 300_000, 5_400_000].map(sizeOf)).to.deep.equal([
      '900 B',
      '2.0 KB',
      '293 KB',
      '5.1 MB',
    ]);
    expect(['Ana Lima', 'ben@example.com', 'Élodie', ''].map(initialsOf)).to.deep.equal([
      'AL',
      'BC',
      'É',
      '?',
    ]);
    expect(hueOf('Ana')).to.equal(hueOf('Ana')).and.to.be.within(0, 359);
    expect(oneLine(' a\n b ', 3)).to.equal('a b');
    expect(oneLine('abcdef', 3)).to.equal('ab…');
  });
  it('sends as markdown only what looks like it', () => {
    expect(['**a**', '- a', '1. a', '`a`', '> a', '[a](b)'].every(looksLikeMarkdown)).to.equal(true);
    expect(['a', 'a - b', 'nine', '5 * 3', 'https://a.example/'].some(looksLikeMarkdown)).to.equal(false);
  });
  it('says when', () => {
    const now = new Date(2030, 0, 10, 9).getTime();
    const day = (n: number) => new Date(2030, 0, n, 8).toISOString();
    expect([10, 9].map((n) => dayLabel(day(n), now))).to.deep.equal(['Today', 'Yesterday']);
    expect(shortWhen(day(9), now)).to.equal('Yesterday');
    expect(dayLabel(day(1), now)).not.to.equal(dayLabel(day(2), now));
  });
});
