import { expect } from 'chai';
import { isSdkError, sdkError } from '@trunkline/core';
import {
  base,
  conversation as wire,
  jwe,
  keyOf,
  me,
  post,
  testService,
  type TestService,
} from '../test/kit.js';
import { createConversation } from './create-conversation.js';
import type { Conversation } from './types.js';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) => (isSdkError(error) ? error.code : error),
  );

describe('Conversation', () => {
  let service: TestService;
  let conversation: Conversation;
  beforeEach(() => {
    service = testService();
    conversation = createConversation(service.host);
  });
  const posts = () => service.sent.filter(({ method }) => method === 'POST');

  describe('post', () => {
    it('sends cipher text only, in the shape of the service, and answers the readable activity', async () => {
      const activity = await conversation.post(
        'c1',
        { text: 'hello', html: '<b>hello</b>', mentionedPeople: ['user-2'], mentionsAll: true },
        { parentId: 'p1', clientTempId: 't1' },
      );
      expect(activity.object.displayName).to.equal('hello');
      const [sent] = posts();
      expect(sent).to.deep.include({
        url: `${base}/conversations/c1/activities`,
        query: { personRefresh: true },
        idempotent: true,
      });
      expect(sent?.body).to.eql({
        verb: 'post',
        objectType: 'activity',
        clientTempId: 't1',
        actor: { objectType: 'person', id: me, entryUUID: me },
        object: {
          objectType: 'comment',
          displayName: jwe(keyOf('c1'), 'hello'),
          content: jwe(keyOf('c1'), '<b>hello</b>'),
          mentions: { items: [{ id: 'user-2', objectType: 'person' }] },
          groupMentions: { items: [{ objectType: 'groupMention', groupType: 'all' }] },
        },
        target: {
          id: 'c1',
          url: `${base}/conversations/c1`,
          objectType: 'conversation',
          kmsResourceObjectUrl: 'kms://kms.test/resources/c1',
          defaultActivityEncryptionKeyUrl: keyOf('c1'),
          activities: { items: [] },
          participants: { items: [] },
        },
        encryptionKeyUrl: keyOf('c1'),
        parent: { id: 'p1', type: 'reply' },
      });
    });

    it('asks for the conversation once', async () => {
      await Promise.all([conversation.post('c1', { text: '1' }), conversation.post('c1', { text: '2' })]);
      await conversation.post('c1', { text: '3' });
      expect(service.sent.filter(({ method }) => method === 'GET')).to.have.length(1);
      expect(new Set(posts().map(({ body }) => body['clientTempId'])).size).to.equal(3);
    });

    for (const errorCode of [1409004, 1400049])
      it(`sends once more with the fresh key after ${String(errorCode)}, as the same activity`, async () => {
        await conversation.acknowledge('c1', 'a');
        service.conversations.set('c1', wire('c1', { defaultActivityEncryptionKeyUrl: keyOf('fresh') }));
        service.refuse.push(errorCode);
        const activity = await conversation.post('c1', { text: 'hello' });
        expect(activity.object.displayName).to.equal('hello');
        const [, first, second] = posts();
        expect(first?.body['encryptionKeyUrl']).to.equal(keyOf('c1'));
        expect(second?.body['encryptionKeyUrl']).to.equal(keyOf('fresh'));
        expect(second?.body['clientTempId']).to.equal(first?.body['clientTempId']);
        expect(second?.body['object']).to.have.property('displayName', jwe(keyOf('fresh'), 'hello'));
      });

    it('makes a new key when the service asks for one', async () => {
      service.refuse.push(1400087);
      await conversation.post('c1', { text: 'hello' });
      expect(posts().map(({ body }) => body['verb'])).to.eql(['post', 'updateKey', 'post']);
      expect(service.encryption.wrapped).to.eql([
        { method: 'update', uri: keyOf('new-1'), resourceUri: 'kms://kms.test/resources/c1' },
      ]);
      expect(posts()[1]?.body['object']).to.include({ defaultActivityEncryptionKeyUrl: keyOf('new-1') });
    });

    it('rejects with what else the service says, without trying again', async () => {
      service.refuse.push(1);
      expect(await codeOf(conversation.post('c1', { text: 'x' }))).to.equal('ERR_CONFLICT');
      service.refuse.push(1409004, 1400049, 1409004);
      expect(await codeOf(conversation.post('c1', { text: 'x' }))).to.equal('ERR_CONFLICT');
      expect(posts()).to.have.length(4);
      expect(await codeOf(conversation.post('unknown', { text: 'x' }))).to.equal('ERR_NOT_FOUND');
    });

    it('uses the key of an updateKey activity for the next message', async () => {
      await conversation.post('c1', { text: '1' });
      const activity = post('', {
        verb: 'updateKey',
        object: { objectType: 'conversation', defaultActivityEncryptionKeyUrl: keyOf('rotated') },
      });
      void service.host.fire('conversation.activity', { eventType: 'conversation.activity', activity });
      await conversation.post('c1', { text: '2' });
      expect(posts().map(({ body }) => body['encryptionKeyUrl'])).to.eql([keyOf('c1'), keyOf('rotated')]);
    });

    it('says that encryption is missing rather than send in clear', async () => {
      service = testService(false);
      conversation = createConversation(service.host);
      expect(await codeOf(conversation.post('c1', { text: 'x' }))).to.equal('ERR_NO_ENCRYPTION');
      expect(posts()).to.eql([]);
    });
  });

  it('edits, removes and acknowledges by activity', async () => {
    await conversation.edit('c1', 'a1', { text: 'better' });
    await conversation.remove('c1', 'a1');
    await conversation.acknowledge('c1', 'a2');
    const [edit, remove, acknowledge] = posts().map(({ body }) => body);
    expect(edit).to.deep.include({ verb: 'post', parent: { id: 'a1', type: 'edit' } });
    expect(remove).to.deep.include({ verb: 'delete', object: { objectType: 'activity', id: 'a1' } });
    expect(acknowledge).to.deep.include({
      verb: 'acknowledge',
      object: { objectType: 'activity', id: 'a2' },
    });
    expect(acknowledge).not.to.have.property('encryptionKeyUrl');
  });

  it('gives keys to who is added, and takes them from who leaves', async () => {
    await conversation.add('c1', 'user-3');
    await conversation.leave('c1', 'user-3');
    await conversation.leave('c1');
    await conversation.assignModerator('c1', 'user-2');
    const kro = 'kms://kms.test/resources/c1';
    expect(service.encryption.wrapped).to.eql([
      { method: 'create', uri: '/authorizations', resourceUri: kro, userIds: ['user-3'] },
      { method: 'delete', uri: `${kro}/authorizations?authId=user-3` },
      // the service did not change the key: this engine does
      { method: 'update', uri: keyOf('new-1'), resourceUri: kro },
      { method: 'delete', uri: `${kro}/authorizations?authId=${me}` },
    ]);
    expect(posts().map(({ body }) => [body['verb'], body['object'], body['kmsMessage']])).to.eql([
      ['add', { objectType: 'person', id: 'user-3' }, 'wrapped-1'],
      ['leave', { objectType: 'person', id: 'user-3' }, 'wrapped-2'],
      [
        'updateKey',
        { objectType: 'conversation', id: 'c1', defaultActivityEncryptionKeyUrl: keyOf('new-1') },
        'wrapped-3',
      ],
      ['leave', { objectType: 'person', id: me }, 'wrapped-4'],
      ['assignModerator', { objectType: 'person', id: 'user-2' }, undefined],
    ]);
  });

  it('wraps again when the service does not know the session under which it was wrapped', async () => {
    service.refuse.push(1400101);
    await conversation.add('c1', 'user-3');
    expect(service.encryption.pings).to.equal(1);
    expect(posts().map(({ body }) => body['kmsMessage'])).to.eql(['wrapped-1', 'wrapped-2']);
  });

  describe('create', () => {
    it('makes a group with a key of its own', async () => {
      const made = await conversation.create({
        participants: ['user-2', me, 'user-3', 'user-2'],
        title: 'Launch',
      });
      expect(made.displayName).to.equal('Launch');
      expect(posts()[0]?.body).to.deep.include({
        objectType: 'conversation',
        displayName: jwe(keyOf('new-1'), 'Launch'),
        encryptionKeyUrl: keyOf('new-1'),
        defaultActivityEncryptionKeyUrl: keyOf('new-1'),
        kmsMessage: 'wrapped-1',
      });
      const { items } = posts()[0]?.body['activities'] as {
        items: { verb: string; object?: { id: string } }[];
      };
      expect(items.map(({ verb, object }) => [verb, object?.id])).to.eql([
        ['create', undefined],
        ['add', me],
        ['add', 'user-2'],
        ['add', 'user-3'],
      ]);
      expect(service.encryption.wrapped).to.eql([
        { method: 'create', uri: '/resources', userIds: [me, 'user-2', 'user-3'], keyUris: [keyOf('new-1')] },
      ]);
    });

    it('finds the conversation two people have, or makes it', async () => {
      await conversation.create({ participants: ['user-2'] });
      expect(posts()[0]?.body['tags']).to.eql(['ONE_ON_ONE']);
      service.conversations.set('user/user-2', wire('direct'));
      expect((await conversation.create({ participants: ['user-2'] })).id).to.equal('direct');
      expect(await conversation.direct('user-2')).to.equal('direct');
      await conversation.create({ participants: ['user-2'], forceGrouped: true });
      expect(posts()).to.have.length(2);
      expect(posts()[1]?.body).not.to.have.property('tags');
    });

    it('takes the conversation that the other person created in between (A7)', async () => {
      service.onPost = () => {
        service.conversations.set('user/user-2', wire('theirs'));
        throw sdkError('ERR_CONFLICT', 'there is one', { status: 409 });
      };
      expect((await conversation.create({ participants: ['user-2'] })).id).to.equal('theirs');
      expect(posts()).to.have.length(1);
    });

    it('opens no room for two with oneself', async () => {
      const refused = await conversation.direct(me).catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'ERR_ARGUMENT');
      expect(posts()).to.eql([]);
    });
  });

  it('lists conversations with readable titles, and says which are not', async () => {
    service.conversations.set('c2', wire('c2'));
    service.encryption.denied.add(keyOf('c2'));
    const titles: unknown[] = [];
    for await (const { displayName, titleEncrypted } of conversation.list({ conversationsLimit: 10 }))
      titles.push([displayName, titleEncrypted]);
    expect(titles).to.eql([
      ['Title of c1', undefined],
      ['', true],
    ]);
    expect(service.sent[0]?.query).to.include({
      conversationsLimit: 10,
      participantsLimit: 0,
      uuidEntryFormat: true,
    });
  });

  it('reads one conversation and its activities, oldest first', async () => {
    expect((await conversation.get('c1', { participantAckFilter: 'all' })).displayName).to.equal(
      'Title of c1',
    );
    expect(service.sent[0]?.query['includeParticipants']).to.equal(undefined);
    service.activities.push(...[post('one'), post('two')].reverse());
    const activities = await conversation.listActivities('c1', { limit: 5 });
    expect(activities.map(({ object }) => object.displayName)).to.eql(['one', 'two']);
  });
});
