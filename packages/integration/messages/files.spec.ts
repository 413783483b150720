import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { FileInput } from '@trunkline/messages';
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { join, part, refusal, roomOf, type Member } from '../kit/members.js';

const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7) % 256);

describe('files in messages', () => {
  let cloud: Cloud;
  let ana: Member;
  let ben: Member;
  let secret: Member;
  let roomId: string;
  let web: Server;
  let webUrl: string;
  before(async () => {
    web = createServer((request, response) => {
      response.statusCode = request.url === '/report.pdf' ? 200 : 404;
      response.setHeader('content-type', 'application/pdf');
      response.end(bytes);
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    webUrl = `http://127.0.0.1:${String((web.address() as AddressInfo).port)}`;
    cloud = await startCloud({ allowPrivateTargets: true });
    [ana, ben] = await join(cloud, 'rest', ['ana', 'ben']);
    [secret] = await join(cloud, 'e2ee', ['cleo']);
    roomId = (await roomOf(ana, 'ben@example.com', 'cleo@example.com')).id;
  });
  after(async () => {
    await part(cloud, ana, ben, secret);
    await new Promise((resolve) => web.close(resolve));
  });

  const download = async (
    who: Member,
    url = '',
  ): Promise<{ body: Uint8Array; type: string; name: string }> => {
    const { body, headers } = await who.request<Uint8Array>({ url, as: 'bytes' });
    const disposition = headers.get('content-disposition') ?? '';
    const exact = /filename\*=UTF-8''(\S+)/.exec(disposition)?.[1];
    const plain = /filename="([^"]*)"/.exec(disposition)?.[1] ?? '';
    const name = exact === undefined ? plain : decodeURIComponent(exact);
    return { body: new Uint8Array(body), type: headers.get('content-type') ?? '', name };
  };
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 9_999)
      yield await Promise.resolve(bytes.subarray(at, at + 9_999));
  };
  const inputs: readonly (readonly [name: string, make: () => FileInput, type: string, filename: string])[] =
    [
      ['a Blob', () => new Blob([bytes], { type: 'image/png' }), 'image/png', 'file'],
      ['a File', () => new File([bytes], 'me.png', { type: 'image/png' }), 'image/png', 'me.png'],
      ['bytes', () => bytes, 'application/octet-stream', 'file'],
      ['an ArrayBuffer', () => bytes.slice().buffer, 'application/octet-stream', 'file'],
      [
        'named bytes',
        () => ({ data: bytes, filename: 'données & (1).csv', contentType: 'text/csv' }),
        'text/csv',
        'données & (1).csv',
      ],
      ['a Node stream', () => Readable.from(chunks()), 'application/octet-stream', 'file'],
      ['a web stream', () => new Blob([bytes]).stream(), 'application/octet-stream', 'file'],
      [
        'a named stream',
        () => ({
          data: new Blob([bytes]).stream(),
          filename: '../../etc/notes.txt',
          contentType: 'text/plain',
        }),
        'text/plain',
        'notes.txt',
      ],
      ['a URL', () => `${webUrl}/report.pdf`, 'application/pdf', 'report.pdf'],
    ];
  for (const [what, make, type, filename] of inputs)
    it(`come from ${what} and back as the same bytes`, async () => {
      const received = [ben, secret].map((client) => nextEvent(client.messages, 'created'));
      const sent = await ana.messages.create({ roomId, text: 'look', files: [make()] });
      expect(sent.files).to.have.length(1);
      for (const [n, event] of (await Promise.all(received)).entries()) {
        expect(event).to.deep.include({ id: sent.id, text: 'look', files: sent.files });
        const file = await download(n === 0 ? ben : secret, event.files?.[0]);
        expect(Buffer.compare(file.body, bytes)).to.equal(0);
        expect(file.type.split(';')[0]).to.equal(type);
        expect(file.name).to.equal(filename);
      }
    });

  it('go alone, in threads, and to one person', async () => {
    const root = await ana.messages.create({ roomId, files: [bytes] });
    expect(root).not.to.have.property('text');
    const answer = await ben.messages.create({
      roomId,
      parentId: root.id,
      markdown: '**this**',
      files: [bytes],
    });
    expect(answer.parentId).to.equal(root.id);
    expect(answer.html).to.contain('<strong>this</strong>');
    const direct = await ana.messages.create({ toPersonEmail: 'ben@example.com', files: [new Blob(['x'])] });
    expect((await download(ben, direct.files?.[0])).body).to.deep.equal(new TextEncoder().encode('x'));
    // the room of the two is no one else's
    expect((await refusal(download(secret, direct.files?.[0]))).code).to.equal('ERR_NOT_FOUND');
  });

  it('are gone with their message, and cannot be edited', async () => {
    const sent = await ana.messages.create({ roomId, text: 'for now', files: [bytes] });
    const edit = refusal(ana.messages.update(sent.id, { roomId, text: 'other words' }));
    expect((await edit).code).to.equal('ERR_BAD_REQUEST');
    await ana.messages.remove(sent);
    expect((await refusal(download(ben, sent.files?.[0]))).code).to.equal('ERR_NOT_FOUND');
  });

  it('that are a page do not run in a browser', async () => {
    const page = new Blob(['<script>alert(1)</script>'], { type: 'text/html' });
    const sent = await ana.messages.create({ roomId, files: [page] });
    const { headers } = await ben.request({ url: sent.files?.[0] ?? '', method: 'HEAD', as: 'text' });
    expect(headers.get('content-disposition')).to.match(/^attachment/);
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('content-length')).to.equal(String(page.size));
  });

  it('go encrypted with e2ee, several at once and with a card, and in clear when that is said', async () => {
    const data = new Blob([bytes], { type: 'text/csv' });
    const card = { type: 'AdaptiveCard', version: '1.3', body: [{ type: 'TextBlock', text: 'a card' }] };
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
    const received = [ben, secret].map((client) => nextEvent(client.messages, 'created'));
    const files = [{ data, filename: 'a.csv' }, `${webUrl}/report.pdf`];
    const sent = await secret.messages.create({ roomId, markdown: '**look**', files, attachments });
    expect(sent.files).to.have.length(2);
    for (const [n, event] of (await Promise.all(received)).entries()) {
      expect(event).to.deep.include({ id: sent.id, text: 'look', files: sent.files, attachments });
      const reader = n === 0 ? ben : secret;
      for (const [index, name, mimeType] of [
        [0, 'a.csv', 'text/csv'],
        [1, 'report.pdf', 'application/pdf'],
      ] as const) {
        expect(await reader.messages.fileInfo(event, { index })).to.deep.equal({
          name,
          mimeType,
          size: bytes.length,
        });
        const seen: number[] = [];
        const onProgress = ({ receivedBytes }: { readonly receivedBytes: number }): void => {
          seen.push(receivedBytes);
        };
        const file = await reader.messages.download(event, { index, onProgress });
        expect(file).to.include({ name, mimeType, size: bytes.length });
        expect(Buffer.compare(await file.bytes(), bytes)).to.equal(0);
        expect(seen.at(-1)).to.equal(bytes.length);
      }
      const blob = await (await reader.messages.download(event.files?.[0] ?? '')).blob();
      expect([blob.type, blob.size]).to.deep.equal(['text/csv', bytes.length]);
      const large = reader.messages.download(event, { maxBytes: 1_000 });
      expect((await refusal(large)).code).to.equal('ERR_TOO_LARGE');
      expect((await refusal(reader.messages.download(event, { index: 2 }))).code).to.equal('ERR_ARGUMENT');
    }
    const bare = await secret.messages.create({ roomId, text: 'only a card', attachments });
    expect((await ben.messages.get(bare)).attachments).to.deep.equal(attachments);
    const none = secret.messages.create({
      roomId,
      attachments: [{ contentType: 'text/html', content: 'x' }],
    });
    expect((await refusal(none)).code).to.equal('ERR_ARGUMENT');
    const late = nextEvent(ben.messages, 'created');
    const clear = await secret.messages.create({ roomId, text: 'look', files: [bytes], encrypted: false });
    expect(clear).not.to.have.property('clear');
    expect(Buffer.compare((await download(ben, (await late).files?.[0])).body, bytes)).to.equal(0);
  });

  it('are refused where there are two, or the URL leads nowhere', async () => {
    const code = async (work: Promise<unknown>): Promise<string> => (await refusal(work)).code;
    expect(await code(ana.messages.create({ roomId, files: [bytes, bytes] }))).to.equal('ERR_BAD_REQUEST');
    expect(await code(ana.messages.create({ roomId, files: [`${webUrl}/none`] }))).to.equal(
      'ERR_BAD_REQUEST',
    );
    expect(await code(ana.messages.create({ roomId, files: ['ftp://example.com/x'] }))).to.equal(
      'ERR_BAD_REQUEST',
    );
    const own = await startCloud();
    const [dan] = await join(own, 'rest', ['dan']);
    const room = await dan.rooms.create({ title: 'Careful' });
    // a service without this option connects to no private address
    const inner = dan.messages.create({ roomId: room.id, files: [`${webUrl}/report.pdf`] });
    expect(await code(inner)).to.equal('ERR_BAD_REQUEST');
    await part(own, dan);
  });
});
