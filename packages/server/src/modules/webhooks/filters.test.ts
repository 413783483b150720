import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { ApiError } from '../../kernel/http/errors.js';
import { checkFilter, checkSubject, compileFilter } from './filters.js';

const me = '00000000-0000-4000-8000-0000000000aa';
const other = '00000000-0000-4000-8000-0000000000bb';
const room = '00000000-0000-4000-8000-000000000001';
const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return error.message;
    throw error;
  }
  throw new Error('it was taken');
};
const passes = (resource: string, filter: string, facts: Parameters<ReturnType<typeof compileFilter>>[0]) =>
  compileFilter(resource, filter, me)(facts);

describe('what a webhook is for', () => {
  it('takes the documented combinations', () => {
    for (const [resource, events] of [
      ['messages', ['created', 'updated', 'deleted', 'all']],
      ['memberships', ['created', 'updated', 'deleted', 'all']],
      ['rooms', ['created', 'updated', 'migrated', 'all']],
      ['attachmentActions', ['created', 'all']],
      ['all', ['created', 'all']],
    ] as const)
      for (const event of events)
        expect(() => {
          checkSubject(resource, event);
        }).not.to.throw();
  });

  it('says which there are instead of one that there is not', () => {
    const text = (resource: string, event: string) =>
      refusal(() => {
        checkSubject(resource, event);
      });
    expect(text('polls', 'created')).to.match(/"polls".*attachmentActions and all/);
    expect(text('__proto__', 'created')).to.match(/"__proto__"/);
    expect(text('rooms', 'deleted')).to.match(/"deleted".*"rooms".*created, updated, migrated and all/);
    expect(text('attachmentActions', 'updated')).to.match(/created and all/);
  });

  it('lets through what meets every condition', () => {
    const roomId = encodeId('ROOM', room);
    const facts = {
      roomId: room,
      roomType: 'group',
      personId: other,
      personEmail: 'ben@example.com',
    } as const;
    expect(passes('messages', `roomId=${roomId}`, facts)).to.equal(true);
    expect(passes('messages', `roomId=${room}&roomType=group`, facts)).to.equal(true);
    expect(passes('messages', `roomId=${room}&roomType=direct`, facts)).to.equal(false);
    expect(passes('messages', `personId=${encodeId('PEOPLE', other)}`, facts)).to.equal(true);
    expect(passes('messages', 'personEmail=Ben%40example.com', facts)).to.equal(true);
    expect(passes('messages', 'personId=me', facts)).to.equal(false);
    expect(passes('rooms', 'type=group&isLocked=false', { roomType: 'group', isLocked: false })).to.equal(
      true,
    );
    expect(passes('memberships', 'isModerator=true', { isModerator: false })).to.equal(false);
    expect(passes('messages', 'mentionedPeople=me', { mentioned: new Set([me]) })).to.equal(true);
    expect(passes('messages', `mentionedPeople=${me}`, { mentioned: new Set([other]) })).to.equal(false);
  });

  it('matches an email address as it is written, with a plus sign or encoded (P18)', () => {
    const facts = { personEmail: 'dan+test@example.com' };
    for (const written of [
      'dan+test@example.com',
      'dan%2Btest@example.com',
      'dan%2btest%40example.com',
      'Dan+Test@Example.com',
      ' dan+test@example.com ',
    ])
      for (const resource of ['messages', 'memberships'])
        expect(passes(resource, `personEmail=${written}`, facts), written).to.equal(true);
    expect(passes('messages', 'personEmail=dan%20test@example.com'.replace('%20', ''), facts)).to.equal(
      false,
    );
    expect(
      passes('messages', 'personEmail=a%2526b@example.com', { personEmail: 'a%26b@example.com' }),
    ).to.equal(true);
    expect(
      passes('messages', `roomId=${room}&personEmail=dan+test@example.com`, { ...facts, roomId: room }),
    ).to.equal(true);
  });

  it('refuses what could never match, instead of staying silent', () => {
    const text = (filter: string) => refusal(() => compileFilter('messages', filter, me));
    for (const filter of [
      'personEmail=dan%20test@example.com',
      'personEmail=a@b@c',
      'personEmail=@b',
      'personEmail=a@',
    ])
      expect(text(filter), filter).to.match(/email address/);
    for (const name of ['roomId', 'personId'])
      expect(text(`${name}=${other.toUpperCase()}`)).to.match(/must be an id/);
    for (const filter of ['personEmail=100%@example.com', 'roomType=%', 'roomType=%g0'])
      expect(text(filter), filter).to.match(/%25/);
    for (const filter of [
      'hasFiles=true',
      'hasAttachments=false',
      'mentionedPeople=me',
      'roomType=group&hasFiles=true',
    ])
      expect(
        refusal(() => {
          checkFilter('messages', 'deleted', filter);
        }),
      ).to.match(/never matches/);
    for (const event of ['all', 'created', 'updated'])
      expect(() => {
        checkFilter('messages', event, 'hasFiles=true');
      }).not.to.throw();
  });

  it('lets nothing through that does not say it: a deleted message has no files any more', () => {
    for (const filter of ['hasFiles=true', 'hasFiles=false', 'hasAttachments=true', 'mentionedPeople=me'])
      expect(passes('messages', filter, {}), filter).to.equal(false);
  });

  it('refuses an invalid filter, and says why', () => {
    const text = (resource: string, filter: string) => refusal(() => compileFilter(resource, filter, me));
    expect(text('messages', 'isLocked=true')).to.match(/"isLocked".*"messages".*roomId/);
    expect(text('messages', 'noise')).to.match(/"noise"/);
    expect(text('messages', 'roomId=')).to.match(/roomId must be an id/);
    expect(text('messages', `roomId=${encodeId('PEOPLE', me)}`)).to.match(/roomId must be an id/);
    expect(text('messages', `roomId=${room}&roomId=${room}`)).to.match(/twice/);
    expect(text('messages', 'roomType=crowd')).to.match(/direct or group/);
    expect(text('messages', 'hasFiles=yes')).to.match(/true or false/);
    expect(text('messages', 'personEmail=ben')).to.match(/email address/);
    expect(text('messages', `mentionedPeople=${other}`)).to.match(/your own id/);
  });
});
