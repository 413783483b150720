import { expect } from 'chai';
import type { WireActivity } from '@trunkline/wire';
import { at, jwe, keyOf, post, testService, type TestService } from '../../test/kit.js';
import { createConversation } from '../create-conversation.js';
import type { Conversation, ReadableActivity } from '../types.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Conversation, incoming', () => {
  let service: TestService;
  let conversation: Conversation;
  let heard: ReadableActivity[];
  const words = (): (string | undefined)[] => heard.map(({ object }) => object.displayName);
  const arrive = (activity: WireActivity): void | Promise<void> =>
    service.host.fire('conversation.activity', { eventType: 'conversation.activity', activity })[0];
  beforeEach(() => {
    service = testService();
    conversation = createConversation(service.host);
    heard = [];
  });
  const listen = (): (() => void) => conversation.onActivity((activity) => void heard.push(activity));

  it('is readable before the socket’s call returns, when the key is here', () => {
    listen();
    const activity = post('hello');
    expect(arrive(activity)).to.equal(undefined);
    expect(words()).to.eql(['hello']);
    // the parsed frame itself: nothing was copied
    expect(heard[0]).to.equal(activity);
  });

  it('decrypts nothing while no one listens', () => {
    const off = listen();
    off();
    off();
    expect(arrive(post('hello'))).to.equal(undefined);
    expect(service.encryption.decrypted).to.eql([]);
  });

  it('gives each activity once', () => {
    listen();
    const activity = post('once');
    void arrive(structuredClone(activity));
    void arrive(activity);
    expect(words()).to.eql(['once']);
  });

  it('keeps the order within a conversation while a key is fetched, and lets others pass', async () => {
    listen();
    service.encryption.slow.add(keyOf('c2'));
    const first = arrive(post('one', { to: 'c2' }));
    const second = arrive(
      post('two', {
        to: 'c2',
        object: { objectType: 'comment', displayName: jwe(keyOf('c1'), 'two') },
        encryptionKeyUrl: keyOf('c1'),
      }),
    );
    expect(arrive(post('meanwhile'))).to.equal(undefined);
    expect(words()).to.eql(['meanwhile']);
    service.encryption.release();
    await Promise.all([first, second]);
    expect(words()).to.eql(['meanwhile', 'one', 'two']);
    expect(
      arrive(post('three', { to: 'c2', encryptionKeyUrl: keyOf('c2'), object: { objectType: 'person' } })),
    ).to.equal(undefined);
  });

  it('waits for a listener’s promise before the next of that conversation, and before the frame is acknowledged', async () => {
    const steps: string[] = [];
    let finish: () => void = () => undefined;
    conversation.onActivity(({ object }) => {
      steps.push(`begin ${object.displayName ?? ''}`);
      return new Promise((resolve) => {
        finish = () => {
          steps.push(`end ${object.displayName ?? ''}`);
          resolve();
        };
      });
    });
    const one = arrive(post('1'));
    const two = arrive(post('2'));
    expect(steps).to.eql(['begin 1']);
    finish();
    await one;
    await turn();
    finish();
    await two;
    expect(steps).to.eql(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('reports what a listener throws and calls the next one', async () => {
    conversation.onActivity(() => {
      throw new Error('mine');
    });
    conversation.onActivity(() => Promise.reject(new Error('later')));
    listen();
    await arrive(post('still'));
    expect(words()).to.eql(['still']);
    expect(service.host.reports.map(({ error }) => (error as Error).message)).to.eql(['mine', 'later']);
  });

  it('marks what cannot be read, at once or later, and keeps the rest', async () => {
    listen();
    service.encryption.denied.add(keyOf('c3'));
    void arrive(post('secret', { to: 'c3' }));
    service.encryption.denied.add(keyOf('c4')).add(keyOf('c4'));
    service.encryption.slow.add(keyOf('c4'));
    const late = arrive(post('secret', { to: 'c4' }));
    service.encryption.release();
    await late;
    void arrive(post('x', { object: { objectType: 'comment', displayName: 'words put there by someone' } }));
    for (const activity of heard) expect(activity).to.deep.include({ decryptionFailed: true });
    expect(words()).to.eql(['', '', '']);
    expect(heard[0]?.actor.id).to.equal('user-2');
  });

  it('says so without an encryption engine too, and leaves plain text alone', () => {
    service = testService(false);
    conversation = createConversation(service.host);
    listen();
    void arrive(post('secret'));
    const plain = { ...post('x', { object: { objectType: 'comment', displayName: 'in clear' } }) };
    delete (plain as { encryptionKeyUrl?: string }).encryptionKeyUrl;
    void arrive(plain);
    expect(words()).to.eql(['', 'in clear']);
    expect(heard.map(({ decryptionFailed }) => decryptionFailed)).to.eql([true, undefined]);
  });

  it('does not call a message unreadable for its conversation’s title', () => {
    listen();
    const target = { id: 'c1', url: 'u', objectType: 'conversation', displayName: jwe(keyOf('other'), 'T') };
    void arrive(post('hello', { target: { ...target, encryptionKeyUrl: keyOf('c1') } }));
    expect(heard[0]?.decryptionFailed).to.equal(undefined);
    expect(heard[0]?.target).to.include({ displayName: '', titleEncrypted: true });
  });

  it('reads every field the protocol names', () => {
    listen();
    const key = keyOf('c1');
    const own = keyOf('file');
    const c = (text: string, keyUrl = key): string => jwe(keyUrl, text);
    const objects: [object: object, readable: object][] = [
      [
        { objectType: 'comment', displayName: c('t'), content: c('<b>t</b>'), cards: [c('{}'), c('[]')] },
        { displayName: 't', content: '<b>t</b>', cards: ['{}', '[]'] },
      ],
      [
        {
          objectType: 'content',
          displayName: c('t'),
          files: {
            items: [
              {
                objectType: 'file',
                url: 'u',
                displayName: c('a.txt'),
                scr: c('{"enc":1}'),
                image: { url: 'u', scr: c('i') },
              },
              { displayName: c('b', own), encryptionKeyUrl: own },
            ],
          },
          links: { items: [{ displayName: c('l'), sslr: c('s') }] },
        },
        {
          displayName: 't',
          files: {
            items: [
              {
                objectType: 'file',
                url: 'u',
                displayName: 'a.txt',
                scr: '{"enc":1}',
                image: { url: 'u', scr: 'i' },
              },
              { objectType: 'file', displayName: 'b', encryptionKeyUrl: own },
            ],
          },
          links: { items: [{ objectType: 'link', displayName: 'l', sslr: 's' }] },
        },
      ],
      [
        { objectType: 'file', transcodedCollection: { items: [{ files: { items: [{ scr: c('s') }] } }] } },
        {
          transcodedCollection: {
            items: [
              { objectType: 'transcodedContent', files: { items: [{ objectType: 'file', scr: 's' }] } },
            ],
          },
        },
      ],
      [
        { objectType: 'event', displayName: c('e'), location: 'Room 3' },
        { displayName: 'e', location: 'Room 3' },
      ],
      [{ objectType: 'submit', inputs: c('{"a":1}') }, { inputs: '{"a":1}' }],
      [{ objectType: 'reaction2', displayName: c('celebrate') }, { displayName: 'celebrate' }],
      [
        { objectType: 'reaction2Summary', reactions: [{ displayName: c('heart'), count: 2 }] },
        { reactions: [{ displayName: 'heart', count: 2 }] },
      ],
      [{ objectType: 'microappInstance', model: c('m') }, { model: 'm' }],
      [{ objectType: 'imageURI', location: c('i') }, { location: 'i' }],
      [
        { objectType: 'conversation', displayName: c('new'), previous: { displayName: c('old') } },
        { displayName: 'new', previous: { displayName: 'old' } },
      ],
      [{ objectType: 'conversation', displayName: 'Ana, Ben' }, { displayName: 'Ana, Ben' }],
      [
        { objectType: 'activity', id: 'x', object: { objectType: 'comment', displayName: c('n') } },
        { object: { objectType: 'comment', displayName: 'n' } },
      ],
      [{ objectType: 'person', id: 'p', displayName: 'Ana' }, { displayName: 'Ana' }],
    ];
    for (const [object, readable] of objects) {
      void arrive(post('', { object: object as WireActivity['object'] }));
      expect(heard.at(-1)?.object).to.deep.include(readable);
      expect(heard.at(-1)?.decryptionFailed, JSON.stringify(object)).to.equal(undefined);
    }
  });

  describe('after a gap', () => {
    const gap = { sinceMs: Date.parse(at(0)), untilMs: Date.parse(at(9)), lost: undefined };

    it('fetches what was missed, once and oldest first, before what arrives live', async () => {
      listen();
      const seen = post('seen');
      void arrive(structuredClone(seen));
      const [two, three] = [post('two'), post('three')];
      service.activities.push(three, seen, two);
      const filling = service.host.gap(gap);
      const live = arrive(post('live'));
      expect(words()).to.eql(['seen']);
      expect(await filling).to.eql([{ missed: 2 }]);
      await live;
      expect(words()).to.eql(['seen', 'two', 'three', 'live']);
      expect(arrive(post('at once again'))).to.equal(undefined);
    });

    it('reads on while pages are full', async () => {
      listen();
      void arrive(post('seen'));
      const many = Array.from({ length: 450 }, (_, index) => post(String(index)));
      service.activities.push(...many);
      expect(await service.host.gap(gap)).to.eql([{ missed: 450 }]);
      expect(words().slice(1)).to.eql(many.map((_, index) => String(index)));
    });

    it('lets live ones through when the service cannot be asked', async () => {
      listen();
      service.refuseReads = true;
      const filling = service.host.gap(gap).catch(() => 'failed');
      const live = arrive(post('live'));
      expect(await filling).to.equal('failed');
      await live;
      expect(words()).to.eql(['live']);
    });

    it('is not asked while no one listens', async () => {
      listen()();
      expect(await service.host.gap(gap)).to.eql([]);
    });
  });
});
