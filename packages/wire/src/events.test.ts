import { expect } from 'chai';
import type { WireActivity, WireObject } from './activity.js';
import { publicEvents } from './events.js';
import { encodeId, encodeMembershipId } from './id.js';

const ana = '11111111-1111-4111-8111-111111111111';
const ben = '22222222-2222-4222-8222-222222222222';
const room = '33333333-3333-4333-8333-333333333333';
const post = '44444444-4444-4444-8444-444444444444';
const person = (id: string, email: string) => ({
  id,
  entryUUID: id,
  objectType: 'person' as const,
  emailAddress: email,
  displayName: email.split('@')[0] ?? '',
  orgId: 'o',
});
const target = {
  id: room,
  objectType: 'conversation',
  url: `http://x/conversations/${room}`,
  tags: [] as readonly string[],
};
const activity = (verb: string, object: WireObject, more: Partial<WireActivity> = {}): WireActivity => ({
  id: post,
  objectType: 'activity',
  verb,
  url: `http://x/activities/${post}`,
  published: '2026-01-01T00:00:00.000Z',
  actor: person(ana, 'ana@example.com'),
  object,
  target,
  ...more,
});
const brief = (one: WireActivity): readonly string[] =>
  publicEvents(one).map(({ resource, event, data }) => `${resource}:${event} ${data.id}`);
const message = encodeId('MESSAGE', post);

describe('publicEvents', () => {
  const comment = { objectType: 'comment', displayName: 'hello' };

  it('says messages created for post and share, updated for an edit', () => {
    expect(brief(activity('post', comment))).to.deep.equal([`messages:created ${message}`]);
    expect(brief(activity('share', { objectType: 'content' }))).to.deep.equal([
      `messages:created ${message}`,
    ]);
    const edit = activity('post', comment, { id: ben, parent: { id: post, type: 'edit' } });
    expect(brief(edit)).to.deep.equal([`messages:updated ${message}`]);
  });

  it('says messages deleted with who deleted it', () => {
    const [event] = publicEvents(activity('delete', { objectType: 'activity', id: post }));
    expect(event).to.deep.equal({
      resource: 'messages',
      event: 'deleted',
      data: {
        id: message,
        roomId: encodeId('ROOM', room),
        roomType: 'group',
        personId: encodeId('PEOPLE', ana),
        personEmail: 'ana@example.com',
      },
    });
  });

  it('says nothing when a reaction is taken back, and messages deleted for an answer', () => {
    const undone = (type: string) =>
      brief(activity('delete', { objectType: 'activity', id: post }, { parent: { id: ben, type } }));
    expect(undone('reaction')).to.deep.equal([]);
    expect(undone('reply')).to.deep.equal([`messages:deleted ${message}`]);
  });

  it('says what was sent off from a card, its inputs where they can be read', () => {
    const parent = { id: ben, type: 'cardAction' as const };
    const pressed = (inputs?: unknown): unknown => {
      const object = { objectType: 'submit', ...(inputs === undefined ? {} : { inputs }) } as WireObject;
      const events = publicEvents(activity('cardAction', object, { parent }));
      expect(events.map(({ resource, event }) => `${resource}:${event}`)).to.deep.equal([
        'attachmentActions:created',
      ]);
      return events[0]?.data;
    };
    const head = {
      id: encodeId('ATTACHMENT_ACTION', post),
      type: 'submit',
      messageId: encodeId('MESSAGE', ben),
      roomId: encodeId('ROOM', room),
      personId: encodeId('PEOPLE', ana),
      created: '2026-01-01T00:00:00.000Z',
    };
    expect(pressed('{"a":1}')).to.deep.equal({ ...head, inputs: { a: 1 } });
    expect(pressed({ a: 1 })).to.deep.equal({ ...head, inputs: { a: 1 } });
    for (const unreadable of [undefined, '', 'eyJ.a.b.c.d', '[1]', 'null'])
      expect(pressed(unreadable)).to.deep.equal(head);
    expect(publicEvents(activity('cardAction', { objectType: 'submit' }))).to.deep.equal([]); // of no message
  });

  it('says a room and each of its members for create', () => {
    const created = activity('create', {
      objectType: 'conversation',
      id: room,
      tags: ['ONE_ON_ONE'],
      participants: { items: [person(ana, 'ana@example.com'), person(ben, 'ben@example.com')] },
    });
    expect(brief(created)).to.deep.equal([
      `rooms:created ${encodeId('ROOM', room)}`,
      `memberships:created ${encodeMembershipId(ana, room)}`,
      `memberships:created ${encodeMembershipId(ben, room)}`,
    ]);
    expect(publicEvents(created)[0]?.data).to.include({ type: 'direct', creatorId: encodeId('PEOPLE', ana) });
  });

  it('says memberships for add, leave, moderators, hide and acknowledge', () => {
    const member = encodeMembershipId(ben, room);
    const object = person(ben, 'ben@example.com');
    expect(brief(activity('add', object))).to.deep.equal([`memberships:created ${member}`]);
    expect(brief(activity('leave', object))).to.deep.equal([`memberships:deleted ${member}`]);
    expect(publicEvents(activity('assignModerator', object))[0]?.data).to.include({
      id: member,
      isModerator: true,
    });
    expect(publicEvents(activity('unassignModerator', object))[0]?.data).to.include({ isModerator: false });
    const hidden = activity('hide', { objectType: 'conversation', id: room, tags: ['ONE_ON_ONE', 'HIDDEN'] });
    expect(publicEvents(hidden)[0]).to.deep.include({ resource: 'memberships', event: 'updated' });
    expect(publicEvents(hidden)[0]?.data).to.include({ isRoomHidden: true, roomType: 'direct' });
    const seen = publicEvents(activity('acknowledge', { objectType: 'activity', id: post }))[0];
    expect(seen?.event).to.equal('seen');
    expect(seen?.data).to.include({ id: encodeMembershipId(ana, room), lastSeenId: message });
    expect(seen?.data).not.to.have.property('isModerator');
  });

  it('says rooms updated for update, lock and unlock', () => {
    const conversation = { objectType: 'conversation', id: room, tags: ['LOCKED'] };
    expect(brief(activity('update', conversation))).to.deep.equal([
      `rooms:updated ${encodeId('ROOM', room)}`,
    ]);
    expect(publicEvents(activity('lock', conversation))[0]?.data).to.include({ isLocked: true });
  });

  it('says nothing for reactions, tags, keys and what it does not know', () => {
    for (const verb of ['tag', 'mute', 'favorite', 'updateKey', 'tombstone', 'somethingNew'])
      expect(brief(activity(verb, { objectType: 'conversation', id: room })), verb).to.deep.equal([]);
    const reaction = activity('add', { objectType: 'reaction2', displayName: 'celebrate' });
    expect(brief(reaction)).to.deep.equal([]);
  });
});
