import type { Scr } from '@trunkline/wire';
import { expect } from 'chai';
import { mailTo } from '../../auth/kit.js';
import { collect, refusal } from '../../webex/tools.js';
import { redirect_uri, type Context, type Probes } from './context.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (data: Uint8Array | ArrayBuffer): string => new TextDecoder().decode(data);

const cypher: Probes = {
  register: async ({ ana }) => {
    await ana.cypher.register();
    expect(ana.cypher.registered).to.equal(true);
  },
  registered: ({ ana }) => expect(ana.cypher.registered).to.equal(true),
  downloadAndDecryptFile: async (context) => {
    const { ana, benPerson } = context;
    const { conversation } = ana.internal;
    const talk = await conversation.create(
      { participants: [benPerson.id], displayName: 'F' },
      { forceGrouped: true },
    );
    const sent = await conversation.share(talk, Object.assign(bytes('the plan'), { name: 'plan.txt' }));
    const raw = await ana.request<{
      items: { id: string; encryptionKeyUrl?: string; object: { files?: { items: { scr: string }[] } } }[];
    }>({
      uri: `${talk.url}/activities`,
      qs: { limit: 5 },
    });
    const wire = raw.body.items.find(({ id }) => id === sent.id);
    const [file] = sent.object.files?.items ?? [];
    const found = await context.ben.cypher.downloadAndDecryptFile(file?.url ?? '', {
      jwe: wire?.object.files?.items[0]?.scr ?? '',
      keyUri: wire?.encryptionKeyUrl ?? '',
    });
    expect(found).to.be.instanceOf(ArrayBuffer);
    expect(textOf(found)).to.equal('the plan');
  },
  deregister: async ({ ana }) => {
    await ana.cypher.deregister();
    expect(ana.cypher.registered).to.equal(false);
  },
};

const device: Probes = {
  canRegister: async ({ ana, someone }) => {
    await ana.internal.device.canRegister();
    const nobody = await someone(undefined);
    expect(await refusal(nobody.internal.device.canRegister())).to.include({ code: 'ERR_AUTH_EXPIRED' });
  },
  register: async ({ ana }) => {
    await ana.internal.device.register();
    expect(ana.internal.device.registered).to.equal(true);
  },
  refresh: async ({ ana }) => {
    const { url } = ana.internal.device;
    await ana.internal.device.refresh();
    expect(ana.internal.device.url).to.equal(url);
  },
  url: ({ ana, cloud }) => expect(ana.internal.device.url).to.include(cloud.url),
  userId: ({ ana, anaPerson }) => expect(ana.internal.device.userId).to.equal(anaPerson.id),
  orgId: ({ ana, anaPerson }) => expect(ana.internal.device.orgId).to.equal(anaPerson.orgId),
  webSocketUrl: ({ ana }) => expect(ana.internal.device.webSocketUrl).to.match(/^ws:/),
  features: ({ ana }) =>
    expect(ana.internal.device.features).to.have.keys(['developer', 'entitlement', 'user']),
  // as the service says it; this one says neither
  version: ({ ana }) => expect(ana.internal.device.version).to.equal(undefined),
  callingBehavior: ({ ana }) => expect(ana.internal.device.callingBehavior).to.equal(undefined),
  registered: ({ ana }) => expect(ana.internal.device.registered).to.equal(true),
  getWebSocketUrl: async ({ ana }) =>
    expect(await ana.internal.device.getWebSocketUrl(true)).to.match(/^ws:/),
  waitForRegistration: async ({ ana }) => {
    await ana.internal.device.waitForRegistration(1);
  },
  unregister: async ({ ana }) => {
    await ana.internal.device.unregister();
    expect(ana.internal.device.registered).to.equal(false);
  },
};

const mercury: Probes = {
  connect: async ({ ana }) => {
    const { mercury: socket } = ana.internal;
    await socket.disconnect();
    const changes = collect<unknown>(socket, 'change:connecting');
    await socket.connect();
    expect(socket.connected).to.equal(true);
    expect(changes.seen).to.have.length.greaterThan(0);
  },
  connected: ({ ana }) => expect(ana.internal.mercury.connected).to.equal(true),
  connecting: ({ ana }) => expect(ana.internal.mercury.connecting).to.equal(false),
  hasEverConnected: ({ ana }) => expect(ana.internal.mercury.hasEverConnected).to.equal(true),
  hasConnectedSockets: ({ ana }) => expect(ana.internal.mercury.hasConnectedSockets()).to.equal(true),
  hasConnectingSockets: ({ ana }) => expect(ana.internal.mercury.hasConnectingSockets()).to.equal(false),
  getLastError: ({ ana }) => expect(ana.internal.mercury.getLastError()).to.equal(undefined),
  disconnect: async ({ ana }) => {
    await ana.internal.mercury.disconnect();
    expect([ana.internal.mercury.connected, ana.internal.device.registered]).to.deep.equal([false, true]);
  },
  listen: async ({ ana }) => {
    await ana.internal.mercury.listen();
    expect(ana.internal.mercury.connected).to.equal(true);
  },
  disconnectAll: async ({ ana }) => {
    await ana.internal.mercury.disconnectAll();
    expect(ana.internal.mercury.connected).to.equal(false);
  },
  logout: async ({ ana }) => {
    await ana.internal.mercury.connect();
    await ana.internal.mercury.logout();
    expect(ana.internal.mercury.connected).to.equal(false);
  },
};

const keyOf = async ({ ana }: Context): Promise<string> => {
  const [key] = await ana.internal.encryption.kms.createUnboundKeys({ count: 1 });
  return key?.uri ?? '';
};
let jwe: string;
let uri: string;
let sealed: { readonly scr: Omit<Scr, 'loc'> & { loc?: string }; readonly cdata: Uint8Array };
const encryption: Probes = {
  getKey: async (context) => {
    uri = await keyOf(context);
    expect((await context.ana.internal.encryption.getKey(uri)).uri).to.equal(uri);
  },
  encryptText: async ({ ana }) => {
    jwe = await ana.internal.encryption.encryptText(uri, 'grüße');
    expect(jwe.split('.')).to.have.length(5);
  },
  decryptText: async ({ ana }) =>
    expect(await ana.internal.encryption.decryptText(uri, jwe)).to.equal('grüße'),
  encryptBinaryData: async ({ ana }) => {
    jwe = await ana.internal.encryption.encryptBinaryData(uri, bytes('raw'));
    expect(jwe.split('.')).to.have.length(5);
  },
  decryptBinaryData: async ({ ana }) =>
    expect(textOf(await ana.internal.encryption.decryptBinaryData(uri, jwe))).to.equal('raw'),
  encryptBinary: async ({ ana }) => {
    sealed = await ana.internal.encryption.encryptBinary(bytes('a file'));
    expect(textOf(sealed.cdata)).not.to.include('a file');
  },
  decryptBinary: async ({ ana }) =>
    expect(textOf(await ana.internal.encryption.decryptBinary(sealed.scr, sealed.cdata))).to.equal('a file'),
  encryptScr: async ({ ana }) => {
    sealed.scr.loc = 'https://files.test/1';
    jwe = await ana.internal.encryption.encryptScr(uri, sealed.scr);
    expect(jwe.split('.')).to.have.length(5);
  },
  decryptScr: async ({ ana }) =>
    expect((await ana.internal.encryption.decryptScr(uri, jwe)).loc).to.equal('https://files.test/1'),
  download: async (context) => {
    const { conversation } = context.ana.internal;
    const talk = await conversation.create(
      { participants: [context.benPerson.id], displayName: 'D' },
      { forceGrouped: true },
    );
    const sent = await conversation.share(talk, Object.assign(bytes('to download'), { name: 'd.txt' }));
    const [file] = sent.object.files?.items ?? [];
    const scr = file?.scr as unknown as Scr;
    expect(textOf(await context.ana.internal.encryption.download(scr.loc, scr))).to.equal('to download');
  },
};
let kro: { readonly uri: string };
const kms: Probes = {
  createUnboundKeys: async ({ ana }) =>
    expect(await ana.internal.encryption.kms.createUnboundKeys({ count: 2 })).to.have.length(2),
  fetchKey: async (context) => {
    uri = await keyOf(context);
    expect((await context.ana.internal.encryption.kms.fetchKey({ uri })).uri).to.equal(uri);
  },
  createResource: async ({ ana, anaPerson }) => {
    kro = await ana.internal.encryption.kms.createResource({ userIds: [anaPerson.id], keyUris: [uri] });
    expect(kro.uri).to.be.a('string');
  },
  bindKey: async (context) => {
    const keyUri = await keyOf(context);
    const bound = await context.ana.internal.encryption.kms.bindKey({ kro, keyUri });
    expect(bound.resourceUri).to.equal(kro.uri);
  },
  addAuthorization: async ({ ana, benPerson }) =>
    expect(
      await ana.internal.encryption.kms.addAuthorization({ kro, userIds: [benPerson.id] }),
    ).to.have.length(1),
  listAuthorizations: async ({ ana }) =>
    expect(await ana.internal.encryption.kms.listAuthorizations({ kro })).to.have.length.greaterThan(1),
  removeAuthorization: async ({ ana, benPerson }) => {
    await ana.internal.encryption.kms.removeAuthorization({ kro, userId: benPerson.id });
    const left = await ana.internal.encryption.kms.listAuthorizations({ kro });
    expect(JSON.stringify(left)).not.to.include(benPerson.id);
  },
  ping: async ({ ana }) => {
    await ana.internal.encryption.kms.ping();
  },
};

const feature: Probes = {
  setFeature: async ({ ana }) =>
    expect(await ana.internal.feature.setFeature('user', 'colour', 'blue')).to.include({ value: 'blue' }),
  getFeature: async ({ ana }) =>
    expect(await ana.internal.feature.getFeature('user', 'colour', { full: true })).to.include({
      value: 'blue',
    }),
  updateFeature: async ({ ana }) => {
    ana.internal.feature.updateFeature({ key: 'colour', val: '7', type: 'USER' });
    expect(await ana.internal.feature.getFeature('user', 'colour')).to.equal(7);
  },
  setBundledFeatures: async ({ ana }) => {
    const { featureToggles } = await ana.internal.feature.setBundledFeatures([
      { key: 'a', val: true, type: 'USER' },
    ]);
    expect(featureToggles).to.have.length(1);
  },
};

const dora = async ({ someone, cloud, client }: Context) =>
  someone(await cloud.person('dora'), { credentials: { ...client, redirect_uri } });
let byCode: Context['ana'];
const user: Probes = {
  get: async ({ ana, anaPerson }) => expect((await ana.internal.user.get())['id']).to.equal(anaPerson.id),
  asUUID: async ({ ana, benPerson }) =>
    expect(await ana.internal.user.asUUID([benPerson.email, benPerson.id])).to.deep.equal([
      benPerson.id,
      benPerson.id,
    ]),
  getUUID: async ({ ana, benPerson }) =>
    expect(await ana.internal.user.getUUID(benPerson.email)).to.equal(benPerson.id),
  fetchUUID: async ({ ana, benPerson }) => {
    expect(await ana.internal.user.fetchUUID(benPerson.email)).to.equal(benPerson.id);
    expect(await refusal(ana.internal.user.fetchUUID('nobody@elsewhere.test'))).to.include({
      code: 'ERR_NOT_FOUND',
    });
  },
  recordUUID: async ({ ana }) => {
    const id = '00000000-0000-4000-8000-0000000000aa';
    await ana.internal.user.recordUUID({ id, emailAddress: 'Known@Example.com' });
    expect(await ana.internal.user.getUUID('known@example.com')).to.equal(id);
  },
  verify: async ({ ana, cloud }) => {
    const { email } = await cloud.person('dora');
    expect(await ana.internal.user.verify({ email })).to.include({ hasPassword: false });
  },
  hasPassword: ({ ana }) => expect(ana.internal.user).to.have.property('hasPassword', false),
  activate: async ({ ana, someone, cloud, client }) => {
    const email = 'newcomer@example.com';
    await cloud.admin('POST', 'users', { email, displayName: 'Newcomer' });
    const nobody = await someone(undefined, { credentials: { ...client, redirect_uri } });
    const { id } = (await ana.internal.user.verify({ email })) as { readonly id: string };
    const confirmationCode = /\b\d{8}\b/.exec(await mailTo(cloud, email))?.[0] ?? '';
    await nobody.internal.user.activate({ id, confirmationCode });
    expect((await nobody.people.get('me')).emails).to.deep.equal([email]);
  },
  generateOTP: async (context) => {
    const { email } = await context.cloud.person('dora');
    expect(await (await dora(context)).internal.user.generateOTP({ email })).to.be.an('object');
  },
  validateOTP: async (context) => {
    const webex = (byCode = await dora(context));
    const { email } = await context.cloud.person('dora');
    const oneTimePassword = /\b\d{6,8}\b/.exec(await mailTo(context.cloud, email))?.[0] ?? '';
    await webex.internal.user.validateOTP({ email, oneTimePassword });
    expect((await webex.people.get('me')).emails).to.deep.equal([email]);
  },
  update: async (context) => {
    const webex = await dora(context);
    await webex.internal.user.update({ displayName: 'Dora Neu' });
    expect((await webex.people.get('me')).displayName).to.equal('Dora Neu');
  },
  updateName: async (context) => {
    const webex = await dora(context);
    await webex.internal.user.updateName({ givenName: 'Do', familyName: 'Ra', displayName: 'Do Ra' });
    expect((await webex.people.get('me')).displayName).to.equal('Do Ra');
  },
  setPassword: async (context) => {
    // only soon after signing in by a code
    await byCode.internal.user.setPassword({ password: 'correct horse 99' });
    const { email } = await context.cloud.person('dora');
    expect((await context.ana.internal.user.getUserCI(email))['hasPassword']).to.equal(true);
  },
  getUserCI: async ({ ana, anaPerson }) =>
    expect((await ana.internal.user.getUserCI(anaPerson.email))['hasPassword']).to.be.a('boolean'),
};

const search: Probes = {
  people: async ({ ana, benPerson }) =>
    expect((await ana.internal.search.people({ query: 'be' })).flatMap(({ emails }) => emails)).to.include(
      benPerson.email,
    ),
};
const support: Probes = {
  submitLogs: async ({ ana, anaPerson }) => {
    const given = { feedbackId: 'f1', correlationId: 'c1' };
    const sent = await ana.internal.support.submitLogs(given, 'one line');
    expect(sent).to.include({ ...given, userId: anaPerson.id });
    expect([sent.trackingid, sent.url]).to.satisfy((all: unknown[]) =>
      all.every((one) => typeof one === 'string'),
    );
  },
  getFeedbackUrl: async ({ ana }) =>
    expect((await fetch(await ana.internal.support.getFeedbackUrl({ appType: 'x' }))).status).to.equal(200),
  getSupportUrl: async ({ ana }) =>
    expect((await fetch(await ana.internal.support.getSupportUrl())).status).to.equal(200),
};
/** The paths of requests that leave meanwhile. */
const pathsOf = async ({ ana }: Context, work: () => Promise<unknown>): Promise<readonly string[]> => {
  const paths: string[] = [];
  const off = ana.linkage.get().host.intercept({
    name: 'paths',
    phase: 'send',
    run: async (request, next) => {
      const response = await next(request);
      paths.push(`${request.url.pathname} ${String(response.status)}`);
      return response;
    },
  });
  await work();
  off();
  return paths;
};
const metrics: Probes = {
  submit: async (context) => {
    const paths = await pathsOf(context, () => context.ana.internal.metrics.submit('opened', { n: 1 }));
    expect(paths[0]).to.match(/\/metrics 20\d$/);
  },
  submitClientMetrics: async (context) => {
    const { metrics: own } = context.ana.internal;
    const paths = await pathsOf(context, async () => {
      await own.submitClientMetrics('opened', { fields: { n: 1 } });
      await own.submitClientMetrics('before', {}, 'prelogin-1');
      await own.flush();
    });
    expect(paths.join())
      .to.match(/clientmetrics 20\d/)
      .and.to.match(/clientmetrics-prelogin 20\d/);
  },
  aliasUser: async (context) => {
    const paths = await pathsOf(context, () => context.ana.internal.metrics.aliasUser('prelogin-1'));
    expect(paths[0]).to.match(/clientmetrics 20\d$/);
  },
};
const submitted = async (context: Context, work: () => Promise<void>): Promise<void> => {
  const paths = await pathsOf(context, async () => {
    await work();
    await context.ana.internal.metrics.flush();
  });
  expect(paths[0]).to.match(/clientmetrics 20\d$/);
};
const newMetrics: Probes = {
  submitBehavioralEvent: (context) =>
    submitted(context, () =>
      context.ana.internal.newMetrics.submitBehavioralEvent({
        ...{ product: 'app', agent: 'user', target: 'button', verb: 'press' },
      }),
    ),
  submitOperationalEvent: (context) =>
    submitted(context, () => context.ana.internal.newMetrics.submitOperationalEvent({ name: 'started' })),
  submitBusinessEvent: (context) =>
    submitted(context, () =>
      context.ana.internal.newMetrics.submitBusinessEvent({ name: 'sold', payload: { count: 1 } }),
    ),
};
const services: Probes = {
  initServiceCatalogs: async ({ ana }) => {
    await ana.internal.services.initServiceCatalogs();
    expect(ana.internal.services.hasService('wdm')).to.equal(true);
  },
  updateServices: async ({ ana }) => {
    await ana.internal.services.updateServices();
  },
  waitForCatalog: async ({ ana }) => {
    await ana.internal.services.waitForCatalog('postauth', 5);
    expect(await refusal(ana.internal.services.waitForCatalog('none'))).to.include({ code: 'ERR_ARGUMENT' });
  },
  waitForService: async ({ ana, cloud }) =>
    expect(await ana.internal.services.waitForService({ name: 'wdm' })).to.include(cloud.url),
  get: ({ ana, cloud }) => expect(ana.internal.services.get('hydra')).to.equal(`${cloud.url}/v1`),
  hasService: ({ ana }) => expect(ana.internal.services.hasService('nosuch')).to.equal(false),
  list: ({ ana }) => expect(ana.internal.services.list()).to.include.keys('hydra', 'wdm', 'conversation'),
  getServiceFromUrl: ({ ana, cloud }) =>
    expect(ana.internal.services.getServiceFromUrl(`${cloud.url}/v1/rooms`)?.name).to.equal('hydra'),
  isServiceUrl: ({ ana }) =>
    expect(ana.internal.services.isServiceUrl('https://elsewhere.test/')).to.equal(false),
  getClusterId: ({ ana, cloud }) => expect(ana.internal.services.getClusterId(cloud.url)).to.match(/^urn:/),
  _hostCatalog: ({ ana, cloud }) =>
    expect(ana.internal.services._hostCatalog).to.have.property(new URL(cloud.url).host),
  _serviceUrls: ({ ana, cloud }) =>
    expect(ana.internal.services._serviceUrls).to.have.property('hydra').that.includes(cloud.url),
};

let shareOf: ReturnType<Context['ana']['internal']['conversation']['makeShare']>;
const share: Probes = {
  add: async (context) => {
    const { conversation } = context.ana.internal;
    const talk = await conversation.create(
      { participants: [context.benPerson.id], displayName: 'S' },
      { forceGrouped: true },
    );
    shareOf = conversation.makeShare(talk);
    await shareOf.add(Object.assign(bytes('1'), { name: '1.txt' }));
    await shareOf.add(Object.assign(bytes('2'), { name: '2.txt' }));
    const progress = collect<{ loaded: number }>(shareOf, 'progress');
    const sent = await conversation.share(talk, shareOf);
    expect(sent.object.files?.items).to.have.length(2);
    expect(progress.seen.at(-1)?.loaded).to.equal(2);
  },
  getFiles: () => expect(shareOf.getFiles()).to.have.length(2),
  remove: async () => {
    await shareOf.remove(shareOf.getFiles()[0]);
    expect(shareOf.getFiles()).to.have.length(1);
  },
  object: () => expect(shareOf.object).to.be.an('object'),
  displayName: () => {
    shareOf.displayName = 'look';
    expect(shareOf.object).to.have.property('displayName', 'look');
  },
  content: () => {
    shareOf.content = '<b>look</b>';
    expect(shareOf.content).to.equal('<b>look</b>');
  },
  conversation: () => expect(shareOf.conversation).to.have.property('id'),
};

export const internal: Readonly<Record<string, Probes>> = {
  'webex.cypher': cypher,
  'webex.internal.device': device,
  'webex.internal.mercury': mercury,
  'webex.internal.encryption': encryption,
  'webex.internal.encryption.kms': kms,
  'webex.internal.feature': feature,
  'webex.internal.user': user,
  'webex.internal.search': search,
  'webex.internal.support': support,
  'webex.internal.metrics': metrics,
  'webex.internal.newMetrics': newMetrics,
  'webex.internal.services': services,
  'webex.internal.conversation.makeShare()': share,
};
