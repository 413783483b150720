// What messages hold, whichever way it came: by REST in clear, or encrypted by a client through the conversation service.
import {
  type AttachmentAction,
  encodeId,
  type Message,
  type Room,
  uuidOf,
  type WireActivity,
} from '@trunkline/wire';
import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, type ContentCloud, type Person, startContent } from '../../modules/harness.test.js';

const conv = '/conversation/api/v1/conversations';
const card = (more: object = {}) => ({ type: 'AdaptiveCard', version: '1.3', body: [], ...more });
const nested = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);

describe('content of messages', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let room: Room;
  let id: string;
  let keyUrl: string;
  beforeEach(async () => {
    cloud = await startContent({ allowPrivateTargets: true });
    [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Launch' });
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: ben.id });
    id = uuidOf('ROOM', room.id) ?? '';
    const found = await cloud.ok<{ defaultActivityEncryptionKeyUrl: string }>(ana, 'GET', `${conv}/${id}`);
    keyUrl = found.defaultActivityEncryptionKeyUrl;
  });
  afterEach(() => cloud.close());

  const jwe = (plain: string): Promise<string> => cloud.kms.encrypt(keyUrl, plain);
  /** As a client that encrypts. */
  const submit = async (
    object: Readonly<Record<string, string | readonly string[]>>,
    more: object = {},
  ): Promise<Answer<WireActivity>> => {
    const sealed: Record<string, unknown> = { objectType: 'comment' };
    for (const [name, value] of Object.entries(object))
      sealed[name] = typeof value === 'string' ? await jwe(value) : await Promise.all(value.map(jwe));
    return cloud.call<WireActivity>(ana, 'POST', `${conv}/${id}/activities`, {
      verb: 'post',
      encryptionKeyUrl: keyUrl,
      ...more,
      object: { ...sealed, ...(more as { object?: object }).object },
    });
  };
  const post = (body: object): Promise<Answer<Message>> =>
    cloud.call<Message>(ana, 'POST', '/v1/messages', { roomId: room.id, ...body });
  const listed = async (query = ''): Promise<readonly Message[]> =>
    (await cloud.ok<{ items: Message[] }>(ben, 'GET', `/v1/messages?roomId=${room.id}${query}`)).items;

  describe('limits (F2, F5)', () => {
    it('are the same encrypted as by REST, before and after decryption', async () => {
      const fits = [
        { displayName: 'x'.repeat(7_439) },
        { displayName: 'é'.repeat(3_719) },
        { displayName: 'a', content: `<p>${'b'.repeat(32 * 1024 - 3)}` },
        { displayName: 'a', cards: [JSON.stringify(card({ text: 'x'.repeat(60_000) }))] },
        { displayName: 'a', cards: [`{"type":"AdaptiveCard","x":${nested(63)}}`] },
      ];
      for (const object of fits) expect((await submit(object)).status).to.equal(200);
      const tooMuch = [
        { displayName: 'x'.repeat(7_440) },
        { displayName: 'é'.repeat(3_720) },
        { displayName: 'a', markdown: 'x'.repeat(7_440) },
        { displayName: 'a', content: 'b'.repeat(32 * 1024 + 1) },
        { displayName: 'a', content: '<b>'.repeat(30_000) },
        { displayName: 'a', cards: [JSON.stringify(card({ text: 'x'.repeat(65_536) }))] },
        { displayName: 'a', cards: [`{"type":"AdaptiveCard","x":${nested(64)}}`] },
        { displayName: 'a', cards: [nested(5_000)] },
        { displayName: 'a', cards: ['{}', '{}'] },
      ];
      for (const object of tooMuch)
        expect((await submit(object)).status, JSON.stringify(object).slice(0, 60)).to.equal(400);
      const inputs = async (plain: string): Promise<number> => {
        const parent = (await submit({ displayName: 'c', cards: [JSON.stringify(card())] })).body;
        const object = { objectType: 'submit', inputs: await jwe(plain) };
        return (
          await submit({}, { verb: 'cardAction', object, parent: { id: parent.id, type: 'cardAction' } })
        ).status;
      };
      expect(await inputs('{"a":1}')).to.equal(200);
      expect(await inputs(nested(65))).to.equal(400);
      expect(await inputs(JSON.stringify({ a: 'x'.repeat(33_000) }))).to.equal(400);
      expect(await listed()).to.have.length(fits.length + 3);
    });

    it('refuse markdown that becomes too much HTML, and give the reason', async () => {
      const { status, body } = await post({ markdown: '<@all>'.repeat(1_200) });
      expect(status).to.equal(400);
      expect((body as unknown as { message: string }).message).to.contain('32768 bytes of HTML');
    });

    it('do not let one member break a list with what is stored already', async () => {
      const { id: messageId } = (await post({ text: 'a', attachments: [attachment(card())] })).body;
      const action = await cloud.ok<AttachmentAction>(ben, 'POST', '/v1/attachment/actions', {
        type: 'submit',
        messageId,
        inputs: { a: 1 },
      });
      const stored = {
        objectType: 'comment',
        displayName: await jwe('deep'),
        cards: [await jwe(nested(20_000))],
      };
      await replaceObject(uuidOf('MESSAGE', messageId) ?? '', stored);
      await replaceObject(uuidOf('ATTACHMENT_ACTION', action.id) ?? '', {
        objectType: 'submit',
        inputs: await jwe(nested(20_000)),
      });
      await post({ text: 'after' });
      const items = await listed();
      expect(items.map(({ text }) => text)).to.deep.equal(['after', 'deep']);
      expect(items[1]).to.not.have.property('attachments');
      const shown = await cloud.ok<AttachmentAction>(ben, 'GET', `/v1/attachment/actions/${action.id}`);
      expect(shown).to.include({ id: action.id }).and.not.have.property('inputs');
    });

    it('keep a page of 1,000 of the largest messages from blocking others for 100 ms', async function () {
      this.timeout(120_000);
      const text = await jwe('y'.repeat(7_400));
      const { body: first } = await post({ text: 'first' });
      // each different, so that none is cleaned from memory
      const contents: string[] = [];
      for (let at = 1; at < 1_000; at += 1)
        contents.push(await jwe(`${String(at).padStart(8)}${'<b>x</b>'.repeat(929)}`));
      await copyMessage(
        uuidOf('MESSAGE', first.id) ?? '',
        contents.map((content) => ({ displayName: text, content })),
      );
      // time of this process between two turns of the event loop: what others on the machine do does not count
      let longest = 0;
      let last = process.cpuUsage();
      let timer = setTimeout(beat, 1);
      function beat(): void {
        const { user, system } = process.cpuUsage(last);
        longest = Math.max(longest, (user + system) / 1_000);
        last = process.cpuUsage();
        timer = setTimeout(beat, 1);
      }
      const items = await listed('&max=1000');
      clearTimeout(timer);
      expect(items).to.have.length(1_000);
      expect(items[0]?.html).to.have.length(8 * 930);
      // the test's own JSON.parse of some 15 MB comes after the last turn
      expect(longest).to.be.below(100);
    });
  });

  const attachment = (content: object) => ({
    contentType: 'application/vnd.microsoft.card.adaptive',
    content,
  });
  async function replaceObject(activityId: string, object: object): Promise<void> {
    await cloud.store.write(({ tx }) =>
      tx
        .updateTable('activities')
        .set({ object: JSON.stringify(object) })
        .where('id', '=', activityId)
        .execute(),
    );
  }
  async function copyMessage(activityId: string, objects: readonly object[]): Promise<void> {
    await cloud.store.write(async ({ tx }) => {
      const row = await tx
        .selectFrom('activities')
        .selectAll()
        .where('id', '=', activityId)
        .executeTakeFirstOrThrow();
      for (const [at, object] of objects.entries())
        await tx
          .insertInto('activities')
          .values({
            ...row,
            id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
            seq: row.seq + at + 1,
            published_ms: row.published_ms + at + 1,
            client_temp_id: null,
            object: JSON.stringify({ objectType: 'comment', ...object }),
          })
          .execute();
    });
  }

  describe('edits (P1)', () => {
    it('replace what they name and keep the rest, encrypted', async () => {
      const markdown = 'hi **all** <@personEmail:ben@example.com>';
      const { body: before } = await post({ markdown, attachments: [attachment(card({ text: 'one' }))] });
      const parent = { id: uuidOf('MESSAGE', before.id) ?? '', type: 'edit' };
      const read = (): Promise<Message> => cloud.ok<Message>(ben, 'GET', `/v1/messages/${before.id}`);

      const edit = (await submit({ cards: [JSON.stringify(card({ text: 'two' }))] }, { parent })).body;
      let after = await read();
      expect(after).to.include({ text: before.text, html: before.html, markdown });
      expect(after.mentionedPeople).to.deep.equal(before.mentionedPeople);
      expect(after.attachments?.[0]?.content).to.include({ text: 'two' });
      // readers of the edit alone have all of it
      expect(edit.object).to.include.keys('displayName', 'content', 'markdown', 'mentions', 'cards');

      await submit({ displayName: 'new' }, { parent });
      after = await read();
      expect(after).to.include({ text: 'new' });
      expect(after).to.not.have.any.keys('html', 'markdown', 'mentionedPeople');
      expect(after.attachments?.[0]?.content).to.include({ text: 'two' });

      await submit({ cards: [] }, { parent });
      expect(await read())
        .to.include({ text: 'new' })
        .and.not.have.property('attachments');
      expect(await listed()).to.have.length(1);
    });

    it('keep files, under the key of the edit', async () => {
      const form = multipart([{ name: 'files', filename: 'plan.txt', type: 'text/plain', body: 'the plan' }]);
      const { body: before } = await send(form);
      const parent = { id: uuidOf('MESSAGE', before.id) ?? '', type: 'edit' };
      const { body: edit } = await submit({ displayName: 'see the file' }, { parent });
      const after = await cloud.ok<Message>(ben, 'GET', `/v1/messages/${before.id}`);
      expect(after).to.include({ text: 'see the file' });
      expect(after.files).to.deep.equal(before.files);
      const file = edit.object.files?.items[0];
      expect(await cloud.kms.decrypt(keyUrl, file?.displayName ?? '')).to.equal('plan.txt');
      expect((await cloud.call(ben, 'GET', after.files?.[0] ?? '')).body).to.equal('the plan');
      // by REST such an edit is refused, and so are fields that an edit cannot change
      const put = (of: string, body: object) =>
        cloud.call(ana, 'PUT', `/v1/messages/${of}`, { roomId: room.id, ...body });
      expect((await put(before.id, { text: 'x' })).status).to.equal(400);
      const { body: plain } = await post({ text: 'plain' });
      expect((await put(plain.id, { text: 'x', attachments: [attachment(card())] })).status).to.equal(400);
      expect((await put(plain.id, { text: 'x', files: ['https://a.test'] })).status).to.equal(400);
      expect(
        (await put(plain.id, { text: '', markdown: '**x**', files: null, attachments: [] })).status,
      ).to.equal(200);
    });

    it('by REST take HTML with text, unless it is what the message said before', async () => {
      const { body: before } = await post({ text: 'a', html: '<b>a</b>' });
      const put = (body: object) =>
        cloud.ok<Message>(ana, 'PUT', `/v1/messages/${before.id}`, { roomId: room.id, ...body });
      expect(await put({ text: 'b', html: '<b>a</b>' }))
        .to.include({ text: 'b' })
        .and.not.have.property('html');
      expect(await put({ text: 'c', html: '<i>c</i>' })).to.include({ text: 'c', html: '<i>c</i>' });
    });
  });

  it('has only members among its mentions, also encrypted', async () => {
    const eve = await cloud.person('eve');
    const mentions = { items: [ben, eve].map((person) => ({ id: person.id, objectType: 'person' })) };
    const { body } = await submit({ displayName: 'hi' }, { object: { mentions } });
    expect((await listed())[0]?.mentionedPeople).to.deep.equal([encodeId('PEOPLE', ben.id)]);
    expect(body.object.mentions?.items.map((person) => person.id)).to.deep.equal([ben.id]);
  });

  it('takes empty fields as absent (P6), and refuses what shows nothing (P15)', async () => {
    const { body } = await post({
      text: '',
      markdown: '**hi**',
      html: null,
      files: null,
      attachments: null,
      parentId: null,
    });
    expect(body).to.include({ text: 'hi', html: '<p><strong>hi</strong></p>' });
    expect((await post({ markdown: '![a cat](https://a.test/x.png)' })).body).to.include({ text: 'a cat' });
    for (const nothing of [
      { html: '<script>x</script>' },
      { html: '<p></p>' },
      { markdown: '  ' },
      { text: '' },
    ])
      expect((await post(nothing)).status, JSON.stringify(nothing)).to.equal(400);
    expect((await post({ files: [null] })).status).to.equal(400);
    expect((await post({ text: 'a', files: [7] })).status).to.equal(400);
  });

  it('is deleted with an answer that says what happened to each file (A14), and keeps actions of files (A15)', async () => {
    const { body: root } = await submit({ displayName: 'root' });
    const { body: reply } = await submit(
      { displayName: 'reply' },
      { parent: { id: root.id, type: 'reply' } },
    );
    const remove = (activity: WireActivity) =>
      submit({}, { verb: 'delete', object: { objectType: 'activity', id: activity.id } });
    expect((await remove(reply)).body.object).to.deep.include({ verb: 'tombstone', id: reply.id });
    expect((await remove(root)).body.object)
      .to.include({ verb: 'tombstone' })
      .and.not.have.property('parent');
    const { body: liked } = await submit({ displayName: 'liked' });
    const reaction = await submit(
      { displayName: 'heart' },
      { verb: 'add', object: { objectType: 'reaction2' }, parent: { id: liked.id, type: 'reaction' } },
    );
    const undone = (await remove(reaction.body)).body.object as {
      verb?: string;
      parent?: { id: string; type: string };
    };
    expect(undone.verb).to.equal('tombstone');
    expect(undone.parent).to.include({ id: liked.id, type: 'reaction' });

    const actions = [
      { type: 'edit', mimeType: 'application/x-whiteboard', url: 'https://boards.test/1', more: { no: 1 } },
    ];
    const shared = await cloud.ok<WireActivity>(ana, 'POST', `${conv}/${id}/content`, {
      object: { objectType: 'content', files: { items: [{ url: 'https://a.test/x', actions }] } },
    });
    const [file] = shared.object.files?.items ?? [];
    expect((file as { actions?: unknown }).actions).to.deep.equal([
      { type: 'edit', mimeType: 'application/x-whiteboard', url: 'https://boards.test/1' },
    ]);
  });

  const boundary = 'xBOUNDARYx';
  interface Part {
    readonly name: string;
    readonly filename?: string;
    readonly type?: string;
    readonly body: string;
  }
  const multipart = (parts: readonly Part[]): string =>
    [{ name: 'roomId', body: room.id } as Part, ...parts]
      .map(
        ({ name, filename, type, body }) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
          `${filename === undefined ? '' : `; filename="${filename}"`}\r\n` +
          `${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n${body}\r\n`,
      )
      .join('') + `--${boundary}--\r\n`;
  async function send(payload: string): Promise<Answer<Message>> {
    const reply = await cloud.app.inject({
      method: 'POST',
      url: '/v1/messages',
      headers: {
        authorization: `Bearer ${ana.token}`,
        'content-type': `multipart/form-data; boundary=${boundary}`,
      },
      payload,
    });
    return { status: reply.statusCode, body: reply.json<Message>(), headers: {} };
  }
  const nameOf = async (url: string): Promise<string | undefined> => {
    const disposition = (await cloud.call(ben, 'GET', url)).headers['content-disposition'] ?? '';
    const exact = /filename\*=UTF-8''(\S+)/.exec(disposition)?.[1];
    return exact === undefined ? /filename="([^"]*)"/.exec(disposition)?.[1] : decodeURIComponent(exact);
  };

  describe('names of files (P16)', () => {
    const long = 'x'.repeat(254);
    const forms: readonly (readonly [sent: string, name: string])[] = [
      ['say %22hi%22; ok.txt', 'say "hi"; ok.txt'],
      ['say \\"hi\\".txt', 'say "hi".txt'],
      ['100%25 你好 👋.txt', '100%25 你好 👋.txt'],
      ['../../etc/passwd', 'passwd'],
      [`${long}😀.txt`, `${'x'.repeat(251)}.txt`],
      [`${long}😀`, long],
    ];
    for (const [sent, name] of forms)
      it(`come out of a form as ${JSON.stringify(name.slice(0, 40))}`, async () => {
        const { body } = await send(
          multipart([{ name: 'files', filename: sent, type: 'text/plain', body: 'b' }]),
        );
        expect(await nameOf(body.files?.[0] ?? '')).to.equal(name);
      });

    it('a form without a chosen file has none', async () => {
      const empty = { name: 'files', filename: '', type: 'application/octet-stream', body: '' };
      const { status, body } = await send(multipart([{ name: 'text', body: 'hi' }, empty]));
      expect(status).to.equal(200);
      expect(body).to.not.have.property('files');
    });

    it('come with what is fetched from a URL', async () => {
      const headers: string[] = [];
      const web = createServer((_, response) => {
        response.setHeader('content-disposition', headers[0] ?? '');
        response.removeHeader('content-type');
        response.end('x');
      });
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${String((web.address() as AddressInfo).port)}/a/na%20me.pdf?q=1`;
      try {
        for (const [header, name] of [
          ['attachment; filename="a;b \\"c\\".txt"', 'a;b "c".txt'],
          ["attachment; filename=e.txt; filename*=UTF-8''%E2%82%AC%20%22.txt", '€ ".txt'],
          ['inline', 'na me.pdf'],
        ] as const) {
          headers[0] = header;
          const { body } = await post({ files: [url] });
          expect(await nameOf(body.files?.[0] ?? ''), header).to.equal(name);
        }
        const { headers: last } = await cloud.call(ben, 'GET', (await listed())[0]?.files?.[0] ?? '');
        expect(last['content-type']).to.equal('application/pdf');
      } finally {
        web.close();
      }
    });
  });
});
