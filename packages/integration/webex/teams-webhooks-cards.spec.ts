import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startServer } from '@trunkline/server';
import { joinCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { encodeId, type WebhookDelivery } from '@trunkline/wire';
import { expect } from 'chai';
import { until } from '../kit/until.js';
import { collect, refusal, signIn } from './tools.js';

const cardOf = (content: object) => ({ contentType: 'application/vnd.microsoft.card.adaptive', content });

describe('webex: teams, webhooks, cards', () => {
  let cloud: Cloud;
  let ana: Webex, ben: Webex, cara: Webex;
  let benPerson: CloudPerson;
  let target: Server;
  const got: { readonly raw: string; readonly signature: unknown; readonly body: WebhookDelivery }[] = [];
  before(async () => {
    const server = await startServer({ port: 0, allowPrivateTargets: true });
    cloud = joinCloud(server, () => server.close());
    benPerson = await cloud.person('ben');
    [ana, ben, cara] = await Promise.all([
      signIn(cloud, 'ana'),
      signIn(cloud, benPerson),
      signIn(cloud, 'cara'),
    ] as const);
    target = createServer((request, response) => {
      let raw = '';
      request.on('data', (chunk: Buffer) => (raw += chunk.toString()));
      request.on('end', () => {
        const body = JSON.parse(raw) as WebhookDelivery;
        got.push({ raw, signature: request.headers['x-spark-signature'], body });
        response.end();
      });
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
  });
  after(async () => {
    await Promise.all([ana, ben, cara].map((webex) => webex.close()));
    target.closeAllConnections();
    target.close();
    await cloud.close();
  });

  it('a team, its members, its rooms; nothing for strangers', async () => {
    const team = await ana.teams.create({ name: 'Engines', description: 'We build' });
    expect((await ana.teams.update({ ...team, name: 'Motors' })).name).to.equal('Motors');
    expect((await ana.teams.get(team.id)).name).to.equal('Motors');
    expect(await refusal(ben.teams.get(team))).to.include({ statusCode: 404 });
    const membership = await ana.teamMemberships.create({ teamId: team.id, personId: benPerson.id });
    expect(membership).to.include({ personEmail: benPerson.email, isModerator: false });
    expect(await refusal(ben.teamMemberships.update({ ...membership, isModerator: true }))).to.include({
      statusCode: 403,
    });
    const changed = await ana.teamMemberships.update({ ...membership, isModerator: true });
    expect(changed.isModerator).to.equal(true);
    expect((await ben.teamMemberships.get(membership)).id).to.equal(membership.id);
    expect((await ben.teamMemberships.list({ teamId: team.id })).items).to.have.length(2);
    expect((await ben.rooms.list({ teamId: team.id })).items[0]?.teamId).to.equal(team.id);
    expect((await ben.teams.list()).items.map(({ id }) => id)).to.deep.equal([team.id]);
    await ana.teamMemberships.remove(membership);
    expect((await ben.teams.list()).length).to.equal(0);
    await ana.teams.remove(team);
    expect(await refusal(ana.teams.get(team))).to.include({ statusCode: 404 });
  });

  it('a webhook receives its events, signed, without content, until it is removed', async () => {
    const targetUrl = `http://127.0.0.1:${String((target.address() as AddressInfo).port)}/`;
    const room = await ana.rooms.create({ title: 'Hooks' });
    await ana.memberships.create({ roomId: room.id, personEmail: benPerson.email });
    const hook = await ana.webhooks.create({
      ...{ name: 'mine', targetUrl, secret: 's3cret' },
      ...{ resource: 'messages', event: 'created', filter: `roomId=${room.id}` },
    });
    expect(hook).to.include({ status: 'active', ownedBy: 'creator' });
    expect((await ana.webhooks.update({ ...hook, name: 'renamed' })).name).to.equal('renamed');
    expect((await ana.webhooks.list()).items.map(({ name }) => name)).to.deep.equal(['renamed']);
    expect(await refusal(ben.webhooks.get(hook))).to.include({ statusCode: 404 });
    const message = await ben.messages.create({ roomId: room.id, text: 'words that stay' });
    const delivery = () => got.find(({ body }) => body.data.id === message.id);
    await until(
      () => delivery() !== undefined,
      () => 'delivery',
    );
    const { raw = '', signature, body } = delivery() ?? {};
    expect(raw).not.to.contain('words that stay');
    expect(signature).to.equal(createHmac('sha1', 's3cret').update(raw).digest('hex'));
    expect(body).to.include({ resource: 'messages', actorId: encodeId('PEOPLE', benPerson.id) });
    await ana.webhooks.remove(hook);
    expect(await refusal(ana.webhooks.get(hook))).to.include({ statusCode: 404 });
  });

  it('a card goes out, its answer comes in, to everybody in the room and no one else', async () => {
    const room = await ana.rooms.create({ title: 'Cards' });
    await ana.memberships.create({ roomId: room.id, personEmail: benPerson.email });
    const content = {
      ...{ type: 'AdaptiveCard', version: '1.3' },
      body: [{ type: 'Input.Text', id: 'dish' }],
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    };
    await ana.attachmentActions.listen();
    const events = collect<{ data: { id: string; inputs: object }; actorId: string }>(
      ana.attachmentActions,
      'created',
    );
    const message = await ana.messages.create({
      ...{ roomId: room.id, text: 'Lunch?', attachments: [cardOf(content)] },
    });
    const action = await ben.attachmentActions.create({
      ...{ type: 'submit', messageId: message.id, inputs: { dish: 'soup' } },
    });
    expect(action.inputs).to.deep.equal({ dish: 'soup' });
    const event = await events.next(({ data }) => data.id === action.id);
    expect(event.actorId).to.equal(encodeId('PEOPLE', benPerson.id));
    expect(event.data.inputs).to.deep.equal({ dish: 'soup' });
    expect((await ana.attachmentActions.get(action)).messageId).to.equal(message.id);
    expect(await refusal(cara.attachmentActions.get(action))).to.include({ statusCode: 404 });
  });
});
