// The same message by REST and with e2ee(): one dialect, one derived text, the same mentions, the same edits.
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import type { Message, MessageCreate } from '@trunkline/messages';
import { expect } from 'chai';
import { join, modes, part, refusal, roomOf, type Member, type Mode } from '../kit/members.js';

const card = (text: string) => ({
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: { type: 'AdaptiveCard', version: '1.3', body: [{ type: 'TextBlock', text }] },
});

/** What is sent, and what every reader gets. `ID` stands for the public id of ben. */
const examples: readonly (readonly [given: Omit<MessageCreate, 'roomId'>, expected: Partial<Message>])[] = [
  [
    { markdown: '**a** _b_ ~~c~~ `d*e*`' },
    { text: 'a b c d*e*', html: '<p><strong>a</strong> <em>b</em> <s>c</s> <code>d*e*</code></p>' },
  ],
  [
    { markdown: 'https://wiki.example/Go_(game)' },
    {
      text: 'https://wiki.example/Go_(game)',
      html: '<p><a href="https://wiki.example/Go_(game)">https://wiki.example/Go_(game)</a></p>',
    },
  ],
  [
    { markdown: '```c++\r\nif (a <@all>)\r\n  b();\r\n```' },
    {
      text: 'if (a <@all>)\n  b();',
      html: '<pre><code class="language-c++">if (a &lt;@all&gt;)\n  b();\n</code></pre>',
    },
  ],
  [{ markdown: '```js\nx\n```' }, { text: 'x', html: '<pre><code class="language-js">x\n</code></pre>' }],
  [
    { markdown: 'Shopping:\n\n- milk & tea\n- eggs\n  1. large' },
    { text: 'Shopping:\nmilk & tea\neggs\nlarge' },
  ],
  [{ markdown: '|a|b|\n|-|-|\n|1|2|' }, { text: 'a\tb\n1\t2' }],
  [{ markdown: 'one\ntwo\n\n> three' }, { text: 'one\ntwo\nthree' }],
  [{ markdown: '![a cat](https://a.test/cat.png)' }, { text: 'a cat', html: '<p>a cat</p>' }],
  [{ markdown: '<img src=x onerror=y>' }, { text: '<img src=x onerror=y>' }],
  [
    { markdown: 'hi <@personEmail:ben@example.com|Ben> `<@all>` <@personEmail:who@example.com|Who>' },
    {
      text: 'hi Ben <@all> Who',
      html:
        '<p>hi <spark-mention data-object-type="person" data-object-id="ID">Ben</spark-mention> ' +
        '<code>&lt;@all&gt;</code> Who</p>',
      mentionedPeople: ['ID'],
    },
  ],
  [
    { markdown: '<@all> [<@personEmail:ben@example.com>](https://a.test)' },
    { text: 'All ben@example.com', mentionedGroups: ['all'] },
  ],
  [
    { html: '<p>hi <spark-mention data-object-type="person" data-object-id="ID">Ben</spark-mention></p>' },
    {
      text: 'hi Ben',
      html: '<p>hi <spark-mention data-object-type="person" data-object-id="ID">Ben</spark-mention></p>',
      mentionedPeople: ['ID'],
    },
  ],
  [
    { html: '<style>p{}</style><p>5&nbsp;&euro; &#x2013; caf&eacute;</p><pre>a\n  b</pre>' },
    { text: '5 € – café\na\n  b' },
  ],
  [
    { text: 'plain', html: '<b onclick=x>h</b>' },
    { text: 'plain', html: '<b>h</b>' },
  ],
  // empty texts are as good as none
  [
    { text: '', markdown: '**hi**' },
    { text: 'hi', html: '<p><strong>hi</strong></p>' },
  ],
  [{ text: 'hi', markdown: '', html: '' }, { text: 'hi' }],
];

describe('what a message says', () => {
  let cloud: Cloud;
  let clients: Readonly<Record<Mode, Member>>;
  let ben: Member;
  let benId: string;
  let roomId: string;
  before(async () => {
    cloud = await startCloud();
    const [plain, reader] = await join(cloud, 'rest', ['ana', 'ben']);
    const [secret] = await join(cloud, 'e2ee', ['ana']);
    clients = { rest: plain, e2ee: secret };
    ben = reader;
    benId = (await ben.people.me()).id;
    roomId = (await roomOf(plain, 'ben@example.com')).id;
  });
  after(() => part(cloud, clients.rest, clients.e2ee, ben));

  const withId = <T extends object>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll('ID', benId)) as T;
  const parts = ['text', 'html', 'mentionedPeople', 'mentionedGroups'] as const;
  const said = (message: Message): Partial<Message> =>
    Object.fromEntries(
      parts.filter((name) => message[name] !== undefined).map((name) => [name, message[name]]),
    );

  for (const [given, expected] of examples)
    it(`is the same by REST and with e2ee: ${JSON.stringify(given)}`, async () => {
      const found: Partial<Message>[] = [];
      for (const mode of modes) {
        const sent = await clients[mode].messages.create({ roomId, ...withId(given) });
        const read = await ben.messages.get(sent);
        expect(said(sent), mode).to.deep.equal(said(read));
        for (const [name, value] of Object.entries(withId(expected)))
          expect(read[name as keyof Message], `${mode} ${name}`).to.deep.equal(value);
        found.push(said(read));
      }
      expect(found[1]).to.deep.equal(found[0]);
    });

  for (const mode of modes) {
    it(`takes null and empty fields as absent, ${mode} (P6)`, async () => {
      const { messages } = clients[mode];
      const untyped = messages as unknown as {
        create(message: object): Promise<Message>;
        update(id: string, changes: object): Promise<Message>;
      };
      const sent = await untyped.create({
        roomId,
        toPersonId: null,
        toPersonEmail: '',
        text: '',
        markdown: '**hi**',
        html: null,
        files: null,
        attachments: null,
        parentId: null,
      });
      expect(sent).to.include({ text: 'hi', html: '<p><strong>hi</strong></p>' });
      const edited = await untyped.update(sent.id, {
        roomId,
        text: '',
        markdown: '_bye_',
        html: null,
        files: [],
      });
      expect(edited).to.include({ text: 'bye', html: '<p><em>bye</em></p>' });
      for (const nothing of [{ text: '' }, { markdown: null }, { text: '', files: [], attachments: null }])
        expect((await refusal(untyped.create({ roomId, ...nothing }))).code).to.equal('ERR_ARGUMENT');
    });

    it(`refuses what shows nothing, and what is not a file, ${mode} (P15, P16)`, async () => {
      const { messages } = clients[mode];
      const code = mode === 'rest' ? 'ERR_BAD_REQUEST' : 'ERR_ARGUMENT';
      for (const nothing of [{ html: '<script>x</script>' }, { html: '<p></p>' }, { markdown: ' ' }])
        expect(
          (await refusal(messages.create({ roomId, ...nothing }))).code,
          JSON.stringify(nothing),
        ).to.equal(code);
      for (const file of [null, 7, {}, { data: null }, { data: 'text' }])
        expect(
          (await refusal(messages.create({ roomId, files: [file as unknown as Blob] }))).code,
          JSON.stringify(file),
        ).to.equal('ERR_ARGUMENT');
    });

    const names: readonly (readonly [given: string, name: string])[] = [
      ['say "hi"; ok.txt', 'say "hi"; ok.txt'],
      ["it's 100% 你好 👋.txt", "it's 100% 你好 👋.txt"],
      [`${'x'.repeat(254)}😀😀`, 'x'.repeat(254)],
      [`${'é'.repeat(300)}.pdf`, `${'é'.repeat(251)}.pdf`],
      ['../up/a.txt', 'a.txt'],
      ['', 'file'],
    ];
    for (const [given, name] of names)
      it(`keeps the file name ${JSON.stringify(given.slice(0, 30))}, ${mode} (P16)`, async () => {
        const data = new TextEncoder().encode('x');
        const sent = await clients[mode].messages.create({
          roomId,
          files: [{ data, filename: given, contentType: 'text/plain' }],
        });
        const info = await ben.messages.fileInfo(sent);
        expect(info).to.deep.equal({ name, mimeType: 'text/plain', size: 1 });
      });

    it(`takes the type of bytes from their name, ${mode} (P16)`, async () => {
      const data = new TextEncoder().encode('x');
      const sent = await clients[mode].messages.create({
        roomId,
        files: [{ data, filename: 'a.csv', contentType: '' }],
      });
      expect((await ben.messages.fileInfo(sent)).mimeType).to.equal('text/csv');
    });
  }

  it('keeps what an encrypted edit does not name: cards, files, words (P1)', async () => {
    const { e2ee } = clients;
    const withCard = await e2ee.messages.create({
      roomId,
      markdown: '**see** <@personEmail:ben@example.com|Ben>',
      attachments: [card('one')],
    });
    const textOf = (message: Message): unknown =>
      (message.attachments?.[0]?.content as { body: { text: string }[] } | undefined)?.body[0]?.text;
    const updated = nextEvent(e2ee.messages, 'updated');
    const edited = await e2ee.messages.update(withCard, { text: 'new' });
    const read = await ben.messages.get(withCard);
    for (const message of [edited, await updated, read]) {
      expect(message).to.include({ id: withCard.id, text: 'new' }).and.not.have.property('html');
      expect(textOf(message)).to.equal('one');
    }
    // only the card
    const withWords = await e2ee.messages.create({
      roomId,
      markdown: '**see** <@personEmail:ben@example.com|Ben>',
      attachments: [card('one')],
    });
    await e2ee.messages.update(withWords, { attachments: [card('two')] });
    const after = await ben.messages.get(withWords);
    expect(after).to.include({ text: 'see Ben', html: (await ben.messages.get(withWords)).html });
    expect(after.html).to.contain('<strong>see</strong>');
    expect(after.mentionedPeople).to.deep.equal([benId]);
    expect(textOf(after)).to.equal('two');
    expect(await e2ee.messages.update(withWords, { attachments: [] })).to.not.have.property('attachments');

    const withFile = await e2ee.messages.create({
      roomId,
      text: 'file',
      files: [{ data: new TextEncoder().encode('the plan'), filename: 'plan.txt' }],
    });
    const changed = nextEvent(e2ee.messages, 'updated');
    const renamed = await e2ee.messages.update(withFile, { ...withFile, text: 'same file' });
    for (const message of [renamed, await changed, await ben.messages.get(withFile)]) {
      expect(message).to.include({ id: withFile.id, text: 'same file' });
      expect(message.files).to.deep.equal(withFile.files);
    }
    for (const reader of [ben, e2ee])
      expect(new TextDecoder().decode(await (await reader.messages.download(renamed)).bytes())).to.equal(
        'the plan',
      );
    const other = { roomId, text: 'x', files: ['https://a.test/other'] };
    expect((await refusal(e2ee.messages.update(withFile.id, other))).code).to.equal('ERR_ARGUMENT');
  });

  it('does not drop silently what an edit by REST cannot change (P1)', async () => {
    const { rest } = clients;
    const sent = await rest.messages.create({ roomId, text: 'a' });
    const refused = await refusal(rest.messages.update(sent, { text: 'b', attachments: [card('x')] }));
    expect(refused.code).to.equal('ERR_BAD_REQUEST');
    expect(await ben.messages.get(sent)).to.include({ text: 'a' });
  });
});
