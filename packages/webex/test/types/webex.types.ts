import webexDefault, {
  init,
  registerPlugin,
  Webex,
  WebexHttpError,
  WebexPlugin,
  type EventEnvelope,
  type Page,
} from '../../src/index.js';

const webex: Webex = Webex.init({
  credentials: { access_token: 'a' },
  config: { service: 'http://cloud.test' },
});
export const others: readonly Webex[] = [init('token'), webexDefault.init(), new Webex({ credentials: 'a' })];

export const rooms: Promise<Page<{ readonly id: string; readonly title?: string }>> = webex.rooms.list({
  max: 1,
});
export const title: Promise<string | undefined> = webex.rooms.get('id').then((room) => room.title);
export const sent: Promise<{ readonly id: string }> = webex.messages.create({ roomId: 'r', text: 'hi' });
void webex.messages
  .create({ roomId: 'r', text: 'hi' })
  .then((message) => webex.messages.update(message, { text: 'x' }));
void webex.rooms.get('r').then((room) => webex.rooms.update({ ...room, title: 'x' }));
webex.messages.on('created', (event: EventEnvelope<{ readonly text: string }>) => event.data.text);
// without annotations (H4)
webex.messages.on('created', (event) => event.data.text?.trim());
webex.messages.once('deleted', ({ data, actorId }) => [data.id, actorId]);
webex.rooms.on('updated', ({ data }) => data.isLocked);
webex.memberships.on('seen', ({ data }) => data.lastSeenId);
webex.attachmentActions.on('created', ({ data }) => data.inputs);
webex.on('change:canAuthorize', (_webex, canAuthorize) => canAuthorize === true);
webex.internal.mercury.on('event:conversation.activity', (frame) => frame.data.eventType);
webex.internal.mercury.on('offline', (event) => (event as { readonly code: number }).code);
webex.messages.on('created', ({ data }) => {
  // @ts-expect-error a text, or none
  const text: number = data.text;
  return text;
});
export const once: Webex = webex.once('ready', () => undefined).on('change:canAuthorize', () => undefined);
export const connected: boolean = webex.internal.mercury.connected;
export const url: string | undefined = webex.internal.device.url;
export const key: Promise<readonly { readonly uri: string }[]> =
  webex.internal.encryption.kms.createUnboundKeys({ count: 1 });
export const status: Promise<number> = webex
  .request({ service: 'hydra', resource: 'rooms' })
  .then((r) => r.statusCode);
export const people: Promise<readonly { readonly displayName: string }[]> = webex.people.list(['a']);
export const notFound: typeof WebexHttpError = WebexHttpError.NotFound;

export const team: Promise<{ readonly name: string }> = webex.teams.create({ name: 'T' });
export const hook: Promise<{ readonly status: 'active' | 'inactive' }> = webex.webhooks.get('w');
export const inputs: Promise<{ readonly inputs: object }> = webex.attachmentActions.get('a');
export const statuses: Promise<readonly { readonly status: string }[]> = webex.presence
  .list(['a'])
  .then(({ statusList }) => statusList);
export const uuid: Promise<string> = webex.internal.user.asUUID('a@b.c');
export const uuids: Promise<readonly string[]> = webex.internal.user.asUUID(['a@b.c']);
export const value: Promise<string | number | boolean | null> = webex.internal.feature.getFeature(
  'user',
  'a',
);
export const bytes: Promise<ArrayBuffer> = webex.cypher.downloadAndDecryptFile('https://a.test/b');
// @ts-expect-error no such status
void webex.presence.setStatus('asleep');
// @ts-expect-error a PIN is needed
void webex.devicemanager.pair({});

const Polls = WebexPlugin.extend({
  namespace: 'Polls',
  session: { open: ['number', true, 0], busy: { type: 'boolean', default: false }, title: 'string' },
  derived: { label: { deps: ['title'], fn: () => 'x' } },
  list() {
    return [];
  },
});
registerPlugin('polls', Polls, { config: { polls: { max: 1 } }, interceptors: { Mine: () => ({}) } });

// @ts-expect-error a message has no such field
void webex.messages.create({ roomid: 'r' });
// @ts-expect-error it may be no one's
export const token: string = webex.credentials.supertoken.access_token;
// @ts-expect-error there is no such plugin
export const nothing: unknown = webex.ediscovery;
export const refused: Promise<never> | undefined = webex.calling['register']?.();
// @ts-expect-error no plugin class
registerPlugin('polls', {});
// @ts-expect-error the socket says whether it is open
webex.internal.mercury.connected = true;
