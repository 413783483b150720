// Parts of the engine that only ask and answer: reactions, typing, lists.
import { createHmac } from 'node:crypto';
import { answer, fakeClock, fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import type { RequestOptions } from '@trunkline/core';
import type { WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import { at, conversation as wire, jwe, keyOf, post, testService, type TestService } from '../test/kit.js';
import { createConversation } from './create-conversation.js';
import { reactionHmac, reactionsOf } from './threads/reactions.js';
import type { Conversation, Typing } from './types.js';

describe('Conversation, parts', () => {
  describe('typing', () => {
    let clock: ReturnType<typeof fakeClock>;
    let host: FakeHost;
    let conversation: Conversation;
    let seen: Typing[];
    const sent: RequestOptions[] = [];
    beforeEach(() => {
      clock = fakeClock();
      host = fakeHost({
        clock,
        request: (options) => {
          sent.push(options);
        },
      });
      conversation = createConversation(host);
      seen = [];
    });
    const fire = (what: 'start' | 'stop', id = 'ben') =>
      void host.fire(`status.${what}_typing`, {
        eventType: `status.${what}_typing`,
        conversationId: 'c1',
        actor: { id, entryUUID: id, objectType: 'person', displayName: 'Ben' },
      });

    it('emits who begins and who stops, once each', () => {
      conversation.onTyping((event) => seen.push(event));
      fire('stop');
      fire('start');
      fire('start');
      fire('start', 'cara');
      fire('stop');
      expect(seen.map(({ personId, isTyping }) => [personId, isTyping])).to.eql([
        ['ben', true],
        ['cara', true],
        ['ben', false],
      ]);
      expect(seen[0]).to.eql({ conversationId: 'c1', personId: 'ben', displayName: 'Ben', isTyping: true });
    });
    it('ends what is not renewed after 15 s', () => {
      conversation.onTyping(({ isTyping }) => seen.push({ isTyping } as Typing));
      fire('start');
      clock.advance(14_999);
      fire('start');
      clock.advance(14_999);
      expect(seen).to.have.length(1);
      clock.advance(1);
      expect(seen.map(({ isTyping }) => isTyping)).to.eql([true, false]);
    });
    it('waits for nothing and listens to nothing when no one listens', async () => {
      const before = host.wireListeners;
      const off = conversation.onTyping((event) => seen.push(event));
      fire('start');
      off();
      clock.advance(20_000);
      expect(host.wireListeners).to.equal(before);
      expect(seen).to.have.length(1);
      conversation.onTyping((event) => seen.push(event));
      fire('start');
      await host.close();
      clock.advance(20_000);
      expect(seen).to.have.length(2);
    });
    it('says that one writes', async () => {
      await conversation.typing('c1', true);
      expect(sent.pop()).to.deep.include({
        method: 'POST',
        path: 'conversations/c1/status/typing',
        body: { conversationId: 'c1', eventType: 'status.start_typing' },
      });
    });
  });

  describe('reactions', () => {
    const jwk = { kty: 'oct', kid: keyOf('c1'), alg: 'A256GCM', k: 'secret' } as const;
    it('are known to the service by an HMAC that is the same for everybody', async () => {
      const expected = createHmac('sha256', 'p1')
        .update(`{"k":"secret","kid":"${keyOf('c1')}","kty":"oct"}p1celebrate`)
        .digest('hex');
      expect(await reactionHmac({ uri: keyOf('c1'), jwk }, 'p1', 'celebrate')).to.equal(expected);
    });
    it('are counted, and one’s own are found', () => {
      const reactions = (...names: readonly string[]) =>
        names.map((displayName) => ({
          displayName,
          hmac: `h-${displayName}`,
          count: 2,
          reactionId: `r-${displayName}`,
        }));
      const child = (type: string, names: readonly string[]) => ({
        type,
        activity: { object: { objectType: `reaction2${type}`, reactions: reactions(...names) } },
      });
      const children = [child('Summary', ['heart', 'celebrate']), child('SelfSummary', ['heart']), null, {}];
      expect(reactionsOf({ children })).to.eql([
        { name: 'heart', count: 2, mine: 'r-heart' },
        { name: 'celebrate', count: 2 },
      ]);
      expect(reactionsOf({})).to.eql([]);
    });
    it('leave as cipher text with their parent, and what is counted comes out readable', async () => {
      const service = testService();
      const conversation = createConversation(service.host);
      const parent = post('hello');
      service.single.set(parent.id, {
        ...parent,
        children: [
          {
            type: 'reactionSummary',
            activity: {
              objectType: 'activity',
              encryptionKeyUrl: keyOf('c1'),
              object: {
                objectType: 'reaction2Summary',
                reactions: [{ displayName: jwe(keyOf('c1'), 'heart'), hmac: 'h', count: 3 }],
              },
            },
          },
        ],
      } as unknown as WireActivity);
      await conversation.addReaction('c1', parent.id, 'heart');
      const body = service.sent.at(-1)?.body;
      expect(body).to.deep.include({
        verb: 'add',
        parent: { id: parent.id, type: 'reaction' },
        encryptionKeyUrl: keyOf('c1'),
      });
      expect(body?.['object']).to.include({
        objectType: 'reaction2',
        displayName: jwe(keyOf('c1'), 'heart'),
      });
      expect(body?.['object'])
        .to.have.property('hmac')
        .that.matches(/^[\da-f]{64}$/);
      expect(await conversation.reactions('c1', parent.id)).to.eql([{ name: 'heart', count: 3 }]);
      expect(service.sent.at(-1)?.query).to.eql({ activityType: 'reactionSummary', includeChildren: true });
    });
  });

  describe('lists', () => {
    it('bring what other clusters have, as far as the limit goes', async () => {
      const asked: RequestOptions[] = [];
      const host = fakeHost({
        request: (options) => {
          asked.push(options);
          const id = options.url === undefined ? 'c1' : options.url.includes('two') ? 'c2' : 'c3';
          return answer({
            items: [wire(id, { displayName: id })],
            ...(options.url === undefined && {
              additionalUrls: ['https://two.test/v1', 'https://three.test/v1/'],
            }),
          });
        },
      });
      const list = createConversation(host).list({ conversationsLimit: 6 });
      expect((await list.page()).items.map(({ id }) => id)).to.eql(['c1', 'c2', 'c3']);
      expect(asked.slice(1).map(({ url, query }) => [url, query?.['conversationsLimit']])).to.eql([
        ['https://two.test/v1/conversations', 2],
        ['https://three.test/v1/conversations', 2],
      ]);
      asked.length = 0;
      await createConversation(host).list({ conversationsLimit: 1 }).page();
      expect(asked).to.have.length(1);
    });
    it('fetch many activities with few requests, in the order asked for', async () => {
      const service = testService();
      const [one, two] = [post('one'), post('two')];
      service.single.set(one.id, one).set(two.id, two);
      const ids = [two.id, 'unknown', `https://cloud.test/x/activities/${one.id}?y`];
      const found = await createConversation(service.host).activities([
        ...ids,
        ...Array.from({ length: 120 }, () => one.id),
      ]);
      expect(found.slice(0, 2).map(({ object }) => object.displayName)).to.eql(['two', 'one']);
      const bulk = service.sent.filter(({ url }) => url.endsWith('bulk_activities_fetch'));
      expect(bulk.map(({ body }) => (body['activityUrls'] as unknown[]).length)).to.eql([100, 23]);
    });
  });

  describe('order', () => {
    let service: TestService;
    let conversation: Conversation;
    const words = () =>
      service.sent
        .filter(({ method }) => method === 'POST')
        .map(({ body }) => (body['object'] as { displayName: string }).displayName);
    beforeEach(() => {
      service = testService();
      service.conversations.set('c2', wire('c2'));
      conversation = createConversation(service.host);
    });

    it('of posts that no one waits for is that of the calls, also when the first is refused and sent again', async () => {
      service.refuse.push(1409004);
      await Promise.all(['1', '2', '3'].map((text) => conversation.post('c1', { text })));
      expect(words()).to.eql(['1', '1', '2', '3'].map((text) => jwe(keyOf('c1'), text)));
    });
    it('is not asked for between conversations, and a failure stops no one', async () => {
      service.refuse.push(1);
      const results = await Promise.allSettled([
        conversation.post('c1', { text: '1' }),
        conversation.post('c2', { text: '2' }),
        conversation.post('c1', { text: '3' }),
      ]);
      expect(results.map(({ status }) => status)).to.eql(['rejected', 'fulfilled', 'fulfilled']);
    });
    it('lets go at once who gives up while waiting, and sends nothing of theirs', async () => {
      const giveUp = new AbortController();
      const first = conversation.post('c1', { text: '1' });
      const second = conversation
        .post('c1', { text: '2' }, {}, { signal: giveUp.signal })
        .catch((e: unknown) => e);
      giveUp.abort('enough');
      expect(await second).to.equal('enough');
      await first;
      await conversation.post('c1', { text: '3' });
      expect(words()).to.eql(['1', '3'].map((text) => jwe(keyOf('c1'), text)));
    });
  });

  describe('keys', () => {
    it('are not changed when the service has changed them because someone left', async () => {
      const service = testService();
      const conversation = createConversation(service.host);
      service.onPost = ({ verb }) => {
        if (verb === 'leave')
          service.conversations.set('c1', wire('c1', { defaultActivityEncryptionKeyUrl: keyOf('theirs') }));
      };
      await conversation.leave('c1', 'user-2');
      await conversation.post('c1', { text: 'x' });
      const posts = service.sent.filter(({ method }) => method === 'POST').map(({ body }) => body);
      expect(posts.map(({ verb }) => verb)).to.eql(['leave', 'post']);
      expect(posts[1]?.['encryptionKeyUrl']).to.equal(keyOf('theirs'));
    });
    it('that someone else has made meanwhile are taken rather than made again', async () => {
      const service = testService();
      const conversation = createConversation(service.host);
      await conversation.acknowledge('c1', 'a');
      service.conversations.set('c1', wire('c1', { defaultActivityEncryptionKeyUrl: keyOf('theirs') }));
      service.refuse.push(1400087);
      await conversation.post('c1', { text: 'x' });
      const posts = service.sent.filter(({ method }) => method === 'POST').map(({ body }) => body);
      expect(posts.map(({ verb }) => verb)).to.eql(['acknowledge', 'post', 'post']);
    });
    it('say so when they cannot be changed, and the one who left has left', async () => {
      const service = testService();
      const conversation = createConversation(service.host);
      service.onPost = ({ verb }) => {
        if (verb === 'leave') service.refuse.push(1);
      };
      expect(await conversation.leave('c1', 'user-2')).to.have.property('verb', 'leave');
      expect(service.host.reports).to.have.length(1);
    });
  });

  it('sends a card’s inputs, cards, titles and HTML as cipher text, and HTML only when it is harmless', async () => {
    const service = testService();
    const conversation = createConversation(service.host);
    const secret = (text: string) => jwe(keyOf('c1'), text);
    await conversation.cardAction('c1', 'p1', { a: 1 });
    await conversation.post('c1', { text: 't', html: '<b onclick=x>t</b><script>y</script>', cards: ['{}'] });
    await conversation.update('c1', { title: 'New' });
    await conversation.setSpaceProperty('c1', 'ANNOUNCEMENT');
    await conversation.mute('c1');
    await conversation.tag('c1', ['IGNORED']);
    await conversation.unassignAvatar('c1');
    const bodies = service.sent.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(bodies.map(({ verb, object }) => [verb, object])).to.eql([
      ['cardAction', { objectType: 'submit', inputs: secret('{"a":1}') }],
      [
        'post',
        {
          objectType: 'comment',
          displayName: secret('t'),
          content: secret('<b>t</b>'),
          cards: [secret('{}')],
        },
      ],
      ['update', { objectType: 'conversation', id: 'c1', displayName: secret('New') }],
      ['set', { objectType: 'spaceProperty', tags: ['ANNOUNCEMENT'] }],
      ['mute', { objectType: 'conversation', id: 'c1' }],
      ['tag', { objectType: 'conversation', id: 'c1', tags: ['IGNORED'] }],
      ['unassign', { objectType: 'content', files: { items: [] } }],
    ]);
    expect(bodies[0]?.['parent']).to.eql({ id: 'p1', type: 'cardAction' });
  });

  it('gives out nothing but harmless HTML, whether it was encrypted or not', async () => {
    const service = testService();
    const evil = '<b>a</b><img src=x onerror=y>';
    const object = {
      objectType: 'comment',
      displayName: jwe(keyOf('c1'), 'a'),
      content: jwe(keyOf('c1'), evil),
    };
    const clear = post('', { object: { objectType: 'comment', content: evil }, encryptionKeyUrl: '' });
    service.activities.push(
      post('', { object }),
      clear,
      post('', { object: { objectType: 'note', content: evil } }),
    );
    const found = await createConversation(service.host).listActivities('c1');
    expect(found.map(({ object: { content } }) => content)).to.eql(['<b>a</b>', '<b>a</b>', '<b>a</b>']);
  });
});

describe('Conversation.listThreaded', () => {
  /** Roots r0…; each tenth has replies, an edit and a reaction, and edits stand among all. */
  function room(count: number) {
    const service = testService();
    const conversation = createConversation(service.host);
    const start = 1_000_000;
    for (let n = 0; n < count; n += 1)
      service.activities.push(post(`r${String(n)}`, { id: `r${String(n)}`, published: at(start + n * 10) }));
    const child = (id: string, type: string, parent: string, n: number, text: string) => {
      service.activities.push(
        post(text, { id, published: at(start + n * 10 + 5), parent: { id: parent, type } }),
      );
    };
    child('y1', 'reply', 'r2', 2, 'reply 1');
    child('e1', 'edit', 'r2', 3, 'edited once');
    child('e2', 'edit', 'r2', 4, 'edited twice');
    child('y2', 'reply', 'r2', count - 1, 'late reply');
    child('e3', 'edit', 'y1', count - 1, 'reply edited');
    return { service, list: (query = {}) => conversation.listThreaded('c1', query) };
  }
  const shown = ({ items }: { readonly items: readonly { readonly activity: WireActivity }[] }) =>
    items.map(({ activity }) => activity.id);

  it('gives roots with all their replies and newest words, page by page to the very first', async () => {
    const { list } = room(30);
    const page = await list({ limit: 12 }).page();
    expect([page.hasOlder, page.hasNewer]).to.eql([true, false]);
    const older = await page.older();
    const all = [...shown(older), ...shown(page)];
    expect(new Set(all).size).to.equal(all.length);
    const every: string[] = [];
    for await (const { activity, replies, edited } of list({ limit: 12 })) {
      every.push(activity.id);
      if (activity.id !== 'r2') continue;
      expect(activity.object.displayName).to.equal('edited twice');
      expect(edited).to.be.a('string');
      expect(replies.map(({ activity: { object } }) => object.displayName)).to.eql([
        'reply edited',
        'late reply',
      ]);
    }
    expect(every).to.eql(Array.from({ length: 30 }, (_, n) => `r${String(29 - n)}`));
  });

  it('goes to the message an edit of a reply belongs to, and on from there in both directions', async () => {
    const { service, list } = room(90);
    for (const activity of service.activities) service.single.set(activity.id, activity);
    const page = await list({ limit: 10, around: 'e3' }).page();
    expect(shown(page)).to.include('r2').and.include('r0');
    expect(page.hasNewer).to.equal(true);
    const newer = await page.newer();
    expect(shown(newer)[0]).to.equal(`r${String(Number(shown(page).at(-1)?.slice(1)) + 1)}`);
  });

  it('shows what has come since, and nothing when nothing has', async () => {
    const { service, list } = room(5);
    const page = await list().page();
    const none = await page.newer();
    expect(none.items).to.eql([]);
    service.activities.push(post('new', { id: 'new', published: at(2_000_000) }));
    expect(shown(await none.newer())).to.eql(['new']);
  });

  it('loses nothing where many were posted in one millisecond, and ends', async () => {
    const { service, list } = room(0);
    for (let n = 0; n < 30; n += 1)
      service.activities.push(
        post('x', { id: `s${String(n)}`, published: at(1_500_000 + (n > 14 ? 1 : 0)) }),
      );
    const seen = new Set<string>();
    for await (const { activity } of list({ limit: 5 })) seen.add(activity.id);
    expect(seen.size).to.equal(30);
  });

  it('is an empty list in an empty conversation, and refuses what is not there', async () => {
    const service = testService();
    const page = await createConversation(service.host).listThreaded('c1').page();
    expect([page.items, page.hasOlder, page.hasNewer]).to.eql([[], false, false]);
    expect(await page.older().catch((error: unknown) => error)).to.have.property('code', 'ERR_ARGUMENT');
  });
});
