import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import { verifyWebhook, webhooks } from '@trunkline/webhooks';
import { expect } from 'chai';
import { all, refusal } from '../kit/members.js';
import { startTarget, type Target } from './target.js';

const plugins = () => [rooms(), messages(), memberships(), webhooks()] as const;
const join = (cloud: Cloud, who: CloudPerson | string) => cloud.client(who, plugins());
type Person = Awaited<ReturnType<typeof join>>;

describe('webhooks against the service', () => {
  let cloud: Cloud;
  let target: Target;
  let ana: Person;
  let ben: Person;
  before(async () => {
    cloud = await startCloud({ allowPrivateTargets: true });
    target = await startTarget();
    [ana, ben] = [await join(cloud, 'ana'), await join(cloud, 'ben')];
  });
  after(async () => {
    await ana.close();
    await expectQuiet(ana);
    await cloud.close();
    await target.close();
  });
  afterEach(async () => {
    for (const who of [ana, ben])
      for (const { id } of await all(who.webhooks.list())) await who.webhooks.remove(id);
    target.forget();
  });
  const hook = (
    who: Person,
    resource = 'all',
    event = 'all',
    more: { filter?: string; secret?: string } = {},
  ) => who.webhooks.create({ name: 'hook', targetUrl: target.url, resource, event, ...more });
  const roomWith = async (...emails: readonly string[]): Promise<string> => {
    const { id: roomId } = await ana.rooms.create({ title: 'Ops' });
    for (const personEmail of emails) await ana.memberships.create({ roomId, personEmail });
    return roomId;
  };
  /** Every earlier notification has arrived: a message of its own comes last. */
  const drained = async (roomId: string): Promise<void> => {
    const { id } = await ana.messages.create({ roomId, text: 'that was all' });
    await target.next(({ body }) => body.data.id === id);
  };

  it('makes, shows, lists, changes and removes them', async () => {
    const given = { name: 'bot', targetUrl: target.url, resource: 'messages', event: 'created' };
    const made = await ana.webhooks.create({ ...given, filter: 'hasFiles=true', secret: 'pepper' });
    expect(made).to.include({
      ...given,
      filter: 'hasFiles=true',
      secret: 'pepper',
      status: 'active',
      ownedBy: 'creator',
    });
    for (const name of ['id', 'orgId', 'createdBy', 'appId', 'created'] as const)
      expect(made[name]).to.match(/\S/);
    expect(await ana.webhooks.get(made)).to.deep.equal(made);
    const second = await hook(ana);
    expect(second).not.to.have.property('secret');
    expect((await all(ana.webhooks.list({ max: 1 }))).map(({ id }) => id)).to.deep.equal([
      made.id,
      second.id,
    ]);
    const renamed = await ana.webhooks.update({ ...made, name: 'bot 2', secret: 'salt', status: 'active' });
    expect(renamed).to.deep.equal({ ...made, name: 'bot 2', secret: 'salt' });
    await ana.webhooks.remove(made);
    expect(await refusal(ana.webhooks.get(made))).to.include({ code: 'ERR_NOT_FOUND', status: 404 });
  });

  it('shows no one another person’s', async () => {
    const made = await hook(ana, 'messages', 'created', { secret: 'pepper' });
    const answers = [
      await refusal(ben.webhooks.get(made)),
      await refusal(ben.webhooks.update({ ...made, name: 'mine' })),
      await refusal(ben.webhooks.remove(made)),
    ];
    const missing = await refusal(ben.webhooks.get(made.createdBy));
    const said = (text: string) => /answered (.*?) \(/.exec(text)?.[1];
    expect(said(missing.message)).to.match(/^404: The webhook/);
    for (const { message } of answers) expect(said(message)).to.equal(said(missing.message));
    expect(await all(ben.webhooks.list())).to.deep.equal([]);
    expect(await ana.webhooks.get(made)).to.deep.equal(made);
  });

  it('lets administrators alone speak for the organisation', async () => {
    const given = {
      name: 'o',
      targetUrl: target.url,
      resource: 'rooms',
      event: 'all',
      ownedBy: 'org',
    } as const;
    expect(await refusal(ana.webhooks.create(given))).to.include({ code: 'ERR_FORBIDDEN' });
    expect(await refusal(ana.webhooks.list({ ownedBy: 'org' }).page())).to.include({ code: 'ERR_FORBIDDEN' });
    const admins = await Promise.all(
      ['root', 'boss'].map(async (name) =>
        join(
          cloud,
          await cloud.admin<CloudPerson>('POST', 'users', {
            email: `${name}@example.com`,
            displayName: name,
            roles: ['admin'],
          }),
        ),
      ),
    );
    const [root, boss] = admins as [Person, Person];
    const made = await root.webhooks.create(given);
    expect((await all(boss.webhooks.list({ ownedBy: 'org' }))).map(({ id }) => id)).to.deep.equal([made.id]);
    expect(await refusal(ana.webhooks.get(made))).to.include({ status: 404 });
    await boss.webhooks.remove(made);
  });

  it('refuses in words what cannot be', async () => {
    const given = { name: 'n', targetUrl: target.url, resource: 'messages', event: 'created' };
    const text = async (more: object) => {
      const error = await refusal(ana.webhooks.create({ ...given, ...more }));
      expect(error.code, JSON.stringify(more)).to.equal('ERR_BAD_REQUEST');
      return error.message;
    };
    expect(await text({ name: ' ' })).to.match(/name is required/);
    expect(await text({ resource: undefined })).to.match(/resource is required/);
    expect(await text({ event: '' })).to.match(/event is required/);
    expect(await text({ name: 'x'.repeat(201) })).to.match(/200 characters/);
    expect(await text({ targetUrl: 'nowhere' })).to.match(/http or https/);
    expect(await text({ targetUrl: 'ftp://example.com/' })).to.match(/http or https/);
    expect(await text({ targetUrl: 'https://ana:pw@example.com/' })).to.match(/name or a password/);
    expect(await text({ resource: 'meetings' })).to.match(/"meetings"/);
    expect(await text({ event: 'started' })).to.match(/"started".*created, updated, deleted/);
    expect(await text({ filter: 'isLocked=true' })).to.match(/"isLocked"/);
    expect(await text({ ownedBy: 'me' })).to.match(/creator or org/);
    const made = await hook(ana);
    expect(await refusal(ana.webhooks.update({ ...made, status: 'inactive' }))).to.include({
      code: 'ERR_BAD_REQUEST',
    });
    expect((await refusal(ana.webhooks.update({ id: made.id, name: 'n', targetUrl: '' }))).message).to.match(
      /targetUrl is required/,
    );
  });

  it('notifies of a message: its id and room, never its content, signed', async () => {
    const roomId = await roomWith('ben@example.com');
    const made = await hook(ana, 'messages', 'created', { secret: 'sésame' });
    const file = new File(['secret figures'], 'figures.csv', { type: 'text/csv' });
    const { personId: benId } = await ben.messages.create({ roomId, text: 'root' });
    const root = await target.next();
    const sent = await ben.messages.create({
      roomId,
      parentId: root.body.data.id,
      markdown: `very **private** <@personEmail:ana@example.com>`,
      files: [file],
    });
    const { raw, body, headers } = await target.next(({ body: { data } }) => data.id === sent.id);
    expect(raw).not.to.match(/private|figures|"secret"|text|markdown|html|http:\/\/\S*invalid/);
    const { secret, ...shown } = made;
    expect(secret).to.equal('sésame');
    expect(body).to.deep.equal({
      ...shown,
      actorId: benId,
      data: {
        id: sent.id,
        roomId,
        roomType: 'group',
        files: sent.files,
        personId: benId,
        personEmail: 'ben@example.com',
        mentionedPeople: sent.mentionedPeople,
        parentId: root.body.data.id,
        created: sent.created,
      },
    });
    expect(sent.mentionedPeople).to.have.length(1);
    expect(headers['content-type']).to.equal('application/json');
    const signature = headers['x-spark-signature'];
    expect(signature).to.match(/^[\da-f]{40}$/);
    expect(await verifyWebhook(raw, signature, 'sésame')).to.equal(true);
    expect(await verifyWebhook(`${raw} `, signature, 'sésame')).to.equal(false);
    // what it names can be fetched: it is readable before the notification
    expect(await ana.messages.get(body.data.id)).to.include({ id: sent.id });
  });

  it('signs nothing without a secret, and signs with the newest one', async () => {
    const roomId = await roomWith();
    const made = await hook(ana, 'messages', 'created');
    await drained(roomId);
    expect(target.arrivals[0]?.headers).not.to.have.property('x-spark-signature');
    target.forget();
    await ana.webhooks.update({ ...made, secret: 'new' });
    await drained(roomId);
    const { raw = '', headers } = target.arrivals[0] ?? {};
    expect(await verifyWebhook(raw, headers?.['x-spark-signature'], 'new')).to.equal(true);
  });

  it('notifies of everything that is documented, in order', async () => {
    await hook(ana);
    const { id: roomId } = await ana.rooms.create({ title: 'Ops' });
    const member = await ana.memberships.create({ roomId, personEmail: 'ben@example.com' });
    const message = await ben.messages.create({ roomId, text: 'one' });
    await ben.messages.update(message, { roomId, text: 'two' });
    await ben.messages.remove(message);
    await ana.rooms.update({ id: roomId, title: 'Ops 2' });
    await ana.memberships.update({ id: member.id, isModerator: true });
    await ben.memberships.remove(member);
    await drained(roomId);
    expect(target.kinds()).to.deep.equal([
      'rooms created',
      'memberships created',
      'memberships created',
      'messages created',
      'messages updated',
      'messages deleted',
      'rooms updated',
      // the first moderator of a room makes its creator one, too
      'memberships updated',
      'memberships updated',
      'rooms updated',
      'memberships deleted',
      'messages created',
    ]);
    const [room, own, other, , edited, deleted, , moderator] = target.arrivals.map(({ body }) => body.data);
    expect(room).to.include({ id: roomId, type: 'group', isLocked: false });
    expect(room).not.to.have.property('title');
    expect(own).to.include({ roomId, personEmail: 'ana@example.com', roomType: 'group' });
    expect(other).to.include({ id: member.id, personId: member.personId, personDisplayName: 'Ben' });
    expect(edited).to.include({ id: message.id, created: message.created });
    expect(edited).to.have.property('updated');
    expect(deleted).to.include({ id: message.id, personEmail: 'ben@example.com', roomId });
    expect(moderator).to.include({ id: member.id, isModerator: true });
  });

  it('notifies only of what passes its filter', async () => {
    const roomId = await roomWith('ben@example.com');
    const elsewhere = await roomWith('ben@example.com');
    const got: Record<string, Target> = {};
    const filters = {
      room: `roomId=${elsewhere}`,
      mentioned: 'mentionedPeople=me',
      files: `hasFiles=true&roomType=group`,
      direct: 'roomType=direct',
      ben: 'personEmail=ben@example.com',
    };
    for (const [name, filter] of Object.entries(filters)) {
      const one = (got[name] = await startTarget());
      await ana.webhooks.create({ name, targetUrl: one.url, resource: 'messages', event: 'created', filter });
    }
    await hook(ana, 'messages', 'created');
    const plain = await ana.messages.create({ roomId, text: 'plain' });
    const other = await ana.messages.create({ roomId: elsewhere, text: 'elsewhere' });
    const mention = await ben.messages.create({ roomId, markdown: '<@personEmail:ana@example.com>' });
    const withFile = await ben.messages.create({ roomId, files: [new Blob(['x'])] });
    const direct = await ben.messages.create({ toPersonEmail: 'ana@example.com', text: 'psst' });
    await drained(roomId);
    const expected = {
      room: [other.id],
      mentioned: [mention.id],
      files: [withFile.id],
      direct: [direct.id],
      ben: [mention.id, withFile.id, direct.id],
    };
    for (const [name, ids] of Object.entries(expected)) {
      await got[name]?.next(({ body }) => body.data.id === ids.at(-1));
      expect(
        got[name]?.arrivals.map(({ body }) => body.data.id),
        name,
      ).to.deep.equal(ids);
      await got[name]?.close();
    }
    expect(target.arrivals.map(({ body }) => body.data.id).slice(0, 2)).to.deep.equal([plain.id, other.id]);
  });

  it('notifies a removed member of the removal, and of nothing that follows', async () => {
    const roomId = await roomWith('ben@example.com');
    const before = await ana.messages.create({ roomId, text: 'before' });
    await hook(ben);
    const during = await ana.messages.create({ roomId, text: 'during' });
    const [member] = (await all(ana.memberships.list({ roomId }))).filter(
      ({ personEmail }) => personEmail === 'ben@example.com',
    );
    await ana.memberships.remove(member?.id ?? '');
    const after = await ana.messages.create({ roomId, text: 'after' });
    await ana.rooms.update({ id: roomId, title: 'Without Ben' });
    // in a room that Ben is in, later
    const there = await roomWith('ben@example.com');
    await drained(there);
    const ids = target.arrivals.map(({ body }) => body.data.id);
    expect(ids).to.include.members([during.id, member?.id]);
    expect(ids).not.to.include.oneOf([before.id, after.id, roomId]);
    expect(target.kinds().slice(0, 2)).to.deep.equal(['messages created', 'memberships deleted']);
  });

  it('notifies a bot in a group room of what mentions it, and of what it does itself', async () => {
    const bot = await join(
      cloud,
      await cloud.admin<CloudPerson>('POST', 'users', {
        email: 'bot@example.com',
        displayName: 'Bot',
        roles: ['bot'],
      }),
    );
    const roomId = await roomWith('bot@example.com', 'ben@example.com');
    await hook(bot, 'messages', 'created');
    await ben.messages.create({ roomId, text: 'not for you' });
    await ben.messages.create({ roomId, markdown: '<@all> nor this' });
    const mention = await ben.messages.create({ roomId, markdown: '<@personEmail:bot@example.com> this' });
    const own = await bot.messages.create({ roomId, text: 'I am here' });
    const direct = await ben.messages.create({ toPersonEmail: 'bot@example.com', text: 'just us' });
    await target.next(({ body }) => body.data.id === direct.id);
    expect(target.arrivals.map(({ body }) => body.data.id)).to.deep.equal([mention.id, own.id, direct.id]);
    await all(bot.webhooks.list()).then(([one]) => bot.webhooks.remove(one?.id ?? ''));
  });

  it('notifies of card actions without their inputs; a bot of its own cards only', async () => {
    const bot = await join(
      cloud,
      await cloud.admin<CloudPerson>('POST', 'users', {
        email: 'forms@example.com',
        displayName: 'Forms',
        roles: ['bot'],
      }),
    );
    const roomId = await roomWith('forms@example.com', 'ben@example.com');
    const content = {
      type: 'AdaptiveCard',
      version: '1.3',
      body: [{ type: 'Input.Text', id: 'wish' }],
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    };
    const card = { contentType: 'application/vnd.microsoft.card.adaptive', content };
    const submit = async (messageId: string) => {
      const body = { type: 'submit', messageId, inputs: { wish: 'a secret wish' } };
      const { body: made } = await ben.request<{ readonly id: string }>({
        method: 'POST',
        service: 'hydra',
        path: 'attachment/actions',
        body,
      });
      return made;
    };
    const anas = await ana.messages.create({ roomId, text: 'form', attachments: [card] });
    const bots = await bot.messages.create({ roomId, text: 'form', attachments: [card] });
    const made = await hook(bot, 'attachmentActions', 'created', { filter: `roomId=${roomId}` });
    await submit(anas.id);
    const { id } = await submit(bots.id);
    const { raw, body } = await target.next();
    expect(body.data).to.include({ id, type: 'submit', messageId: bots.id, roomId });
    expect(raw).not.to.match(/wish|inputs/);
    await bot.webhooks.remove(made);

    await hook(ana, 'attachmentActions', 'all');
    await hook(ana, 'messages', 'created', { filter: 'hasAttachments=true' });
    const again = await ana.messages.create({ roomId, text: 'form', attachments: [card] });
    await target.next(({ body: { data } }) => data.id === again.id);
    const { id: last } = await submit(again.id);
    await target.next(({ body: { data } }) => data.id === last);
  });

  it('delivers a press of a card once to a bot that registered all/all and attachmentActions (P2)', async () => {
    const roomId = await roomWith('ben@example.com');
    const whole = await hook(ana, 'all', 'all');
    const cards = await hook(ana, 'attachmentActions', 'created');
    const created = await hook(ana, 'all', 'created');
    const content = {
      type: 'AdaptiveCard',
      version: '1.3',
      body: [{ type: 'TextBlock', text: 'vote' }],
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    };
    const { id: messageId } = await ana.messages.create({
      roomId,
      text: 'vote',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
    });
    const { body: made } = await ben.request<{ readonly id: string }>({
      method: 'POST',
      service: 'hydra',
      path: 'attachment/actions',
      body: { type: 'submit', messageId, inputs: {} },
    });
    const { id: last } = await ana.messages.create({ roomId, text: 'that was all' });
    for (const one of [whole, created])
      await target.next(({ body }) => body.id === one.id && body.data.id === last);
    await target.next(({ body }) => body.data.id === made.id);
    const presses = target.arrivals.filter(({ body }) => body.resource === 'attachmentActions');
    expect(presses.map(({ body }) => [body.id, body.data.id])).to.deep.equal([[cards.id, made.id]]);
  });

  it('delivers to a filter by an email address with a plus sign, as written and encoded (P18)', async () => {
    const email = 'dan+test@example.com';
    const dan = await join(
      cloud,
      await cloud.admin<CloudPerson>('POST', 'users', { email, displayName: 'Dan' }),
    );
    const roomId = await roomWith(email);
    const hooks = [];
    for (const filter of [`personEmail=${email}`, `personEmail=${encodeURIComponent(email)}`]) {
      const made = await hook(ana, 'messages', 'created', { filter });
      expect((await ana.webhooks.get(made)).filter).to.equal(filter);
      hooks.push(made);
    }
    await ana.messages.create({ roomId, text: 'not from dan' });
    const { id } = await dan.messages.create({ roomId, text: 'from dan' });
    for (const made of hooks) await target.next(({ body }) => body.id === made.id && body.data.id === id);
    expect(target.arrivals).to.have.length(2);
  });

  it('counts what it does', async () => {
    const metric = async (name: string) =>
      Number(
        new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await fetch(`${cloud.url}/metrics`)).text())?.[1],
      );
    const before = await metric('trunkline_webhook_deliveries_total');
    const roomId = await roomWith();
    await hook(ana, 'messages', 'created');
    await drained(roomId);
    expect(await metric('trunkline_webhook_deliveries_total')).to.be.greaterThan(before - 1);
    expect(await metric('trunkline_webhook_waiting_deliveries')).to.be.at.least(0);
  });
});

describe('webhooks and private addresses', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud({ limits: { webhooksPerUser: 2 } });
  });
  after(() => cloud.close());

  it('refuses a target on this machine or behind it, by address and by name', async () => {
    const ana = await join(cloud, 'ana');
    for (const host of ['127.0.0.1:1', 'localhost', '10.0.0.1', '[::1]', '169.254.169.254', '0x7f000001']) {
      const given = { name: 'n', targetUrl: `http://${host}/`, resource: 'messages', event: 'created' };
      const error = await refusal(ana.webhooks.create(given));
      expect(error.code, host).to.equal('ERR_BAD_REQUEST');
      expect(error.message).to.match(/private address/);
    }
  });

  it('lets no one have more than the limit', async () => {
    const ana = await join(cloud, 'ana');
    const given = { name: 'n', targetUrl: 'https://9.9.9.9/', resource: 'messages', event: 'created' };
    const made = [await ana.webhooks.create(given), await ana.webhooks.create(given)];
    expect(await refusal(ana.webhooks.create(given))).to.include({ code: 'ERR_CONFLICT' });
    for (const one of made) await ana.webhooks.remove(one);
    await ana.webhooks.create(given);
  });
});
