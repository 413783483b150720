// What each public method takes, with right values: the test replaces one after the other by junk.

/** What exists on the service. */
export interface Things {
  readonly roomId: string;
  readonly messageId: string;
  /** uuids */
  readonly conversationId: string;
  readonly activityId: string;
  readonly personId: string;
  readonly email: string;
  readonly keyUrl: string;
  readonly teamId: string;
  /** of a file that is not there: answered at once, where an unreachable host is tried again */
  readonly fileUrl: string;
}
interface Entry {
  readonly valid: (things: Things) => readonly unknown[];
  /** documented to throw instead of rejecting */
  readonly sync?: true;
}
/** By API and method; `none`: takes no arguments. */
export type Calls = Readonly<Record<string, Readonly<Record<string, Entry | 'none'>>>>;

const init = { timeoutMs: 5_000, signal: new AbortController().signal };
/** With `init` after the arguments. */
const call = (valid: Entry['valid'] = () => []): Entry => ({ valid: (things) => [...valid(things), init] });
const sync = (valid: Entry['valid']): Entry => ({ ...call(valid), sync: true });
const bare = (valid: Entry['valid']): Entry => ({ valid });

const gone = 'Y2lzY29zcGFyazovL3VzL1JPT00vMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw';
const goneUuid = '00000000-0000-4000-8000-000000000000';
const bytes = new Uint8Array([1, 2, 3]);

const events = (name: string) =>
  ({
    on: { valid: () => [name, () => undefined, { signal: init.signal }], sync: true },
    once: { valid: () => [name, () => undefined, { signal: init.signal }], sync: true },
  }) as const;
const live = { ...events('created'), listen: call(), stopListening: 'none' } as const;
const crud = (create: Entry['valid'], changes: object, query: Entry['valid'] = () => [{ max: 1 }]) => ({
  create: call(create),
  get: call(() => [gone]),
  list: sync(query),
  update: call(() => [{ id: gone, ...changes }]),
  remove: call(() => [gone]),
});

export const restCalls: Calls = {
  rooms: {
    ...live,
    ...crud(({ teamId }) => [{ title: 'New', teamId, isLocked: false }], { title: 'Other' }),
    getWithReadStatus: call(({ roomId }) => [roomId]),
    readStatusOf: call(({ roomId }) => [{ id: roomId, url: 'https://x/conversations/1', tags: [] }]),
    listWithReadStatus: call(() => [1]),
  },
  messages: {
    ...live,
    ...crud(
      ({ roomId, messageId }) => [
        {
          roomId,
          text: 'a',
          markdown: 'b',
          html: 'c',
          parentId: messageId,
          files: [new Blob(['x'])],
          attachments: undefined,
          encrypted: undefined,
        },
        { ...init, maxBytes: 1000, onProgress: () => undefined },
      ],
      {},
      ({ roomId }) => [{ roomId, max: 1, before: '2030-01-01T00:00:00.000Z', mentionedPeople: 'me' }],
    ),
    listDirect: sync(({ email }) => [{ personEmail: email, parentId: undefined }]),
    update: call(({ messageId, roomId }) => [
      { id: messageId, roomId },
      { roomId, text: 'b', markdown: 'c', html: 'd', attachments: undefined, files: undefined },
    ]),
    download: bare(({ messageId }) => [
      { id: messageId, files: ['https://127.0.0.1:1/v1/contents/x'] },
      { ...init, index: 0, maxBytes: 1000, onProgress: () => undefined, allow: undefined },
    ]),
    fileInfo: bare(({ messageId }) => [
      { id: messageId, files: ['https://127.0.0.1:1/v1/contents/x'] },
      { ...init, index: 0 },
    ]),
  },
  memberships: {
    ...live,
    ...crud(
      ({ roomId, email }) => [{ roomId, personEmail: email, personId: undefined, isModerator: false }],
      {
        isModerator: false,
      },
    ),
    listWithReadStatus: call(({ roomId }) => [{ roomId }]),
    updateLastSeen: call(({ roomId, messageId }) => [{ id: messageId, roomId }]),
  },
  people: {
    me: call(),
    get: bare(({ personId }) => [personId, { ...init, showAllTypes: true }]),
    list: sync(({ email }) => [{ email, max: 1 }]),
  },
  teams: crud(() => [{ name: 'Team' }], { name: 'Other' }),
  teamMemberships: crud(
    ({ teamId, email }) => [{ teamId, personEmail: email, personId: undefined, isModerator: false }],
    { isModerator: false },
    ({ teamId }) => [{ teamId, max: 1 }],
  ),
  webhooks: crud(
    () => [
      { name: 'Hook', targetUrl: 'https://example.com/', resource: 'rooms', event: 'created', filter: 'a=b' },
    ],
    { name: 'Other', targetUrl: 'https://example.com/' },
  ),
  attachmentActions: {
    ...live,
    get: call(() => [gone]),
    create: call(({ messageId, roomId }) => [
      { type: 'submit', messageId, inputs: { a: 1 }, roomId, encrypted: undefined },
    ]),
  },
};

const device = () => ['no-such-device'];
const room: Entry['valid'] = ({ conversationId }) => [conversationId];
const inRoom: Entry['valid'] = ({ conversationId, activityId }) => [conversationId, activityId];
const personIn: Entry['valid'] = ({ conversationId, personId }) => [conversationId, personId];
const scr = { enc: 'A256GCM', key: 'A'.repeat(43), iv: 'A'.repeat(16), aad: 'a', tag: 'A'.repeat(22) };
const file = { data: bytes, name: 'a.png', type: 'image/png' };
const wireFile = ({ fileUrl }: Things): object => ({
  objectType: 'file',
  displayName: 'a',
  url: fileUrl,
  scr: JSON.stringify({ ...scr, loc: fileUrl }),
  fileSize: 3,
  image: { url: fileUrl, scr: JSON.stringify(scr) },
});

export const nativeCalls: Calls = {
  presence: {
    ...events('updated'),
    listen: call(),
    stopListening: 'none',
    get: call(({ personId }) => [personId]),
    list: call(({ personId }) => [[personId]]),
    enqueue: { valid: ({ personId }) => [personId], sync: true },
    dequeue: { valid: ({ personId }) => [personId], sync: true },
    watch: { valid: ({ personId }) => [personId], sync: true },
    subscribe: call(({ personId }) => [[personId], 60]),
    unsubscribe: call(({ personId }) => [[personId]]),
    setStatus: call(() => ['active', 60]),
    enable: call(),
    disable: call(),
    isEnabled: call(),
  },
  devices: {
    ...events('updated'),
    listen: call(),
    stopListening: 'none',
    refresh: call(),
    getAll: 'none',
    getPairedDevice: 'none',
    search: call(() => [{ searchQuery: 'Junk' }]),
    upsert: call(() => [{ id: 'no-such-device', userAssignedName: 'x' }]),
    get: call(() => ['token']),
    remove: call(device),
    requestPin: call(() => ['no-such-device', { data: 'x' }]),
    pair: call(() => [{ pin: '1234' }]),
    unpair: call(() => [{ removeAllDevices: false }]),
    bindSpace: call(({ conversationId }) => [{ conversationId }]),
    unbindSpace: call(),
    getAudioState: call(),
    putAudioState: call(() => [{ volume: { level: 1 }, microphones: { muted: false } }]),
    mute: call(),
    unmute: call(),
    increaseVolume: call(),
    decreaseVolume: call(),
    setVolume: call(() => [10]),
  },
  support: {
    submitLogs: bare(() => [
      { locusId: 'a', callStart: 'b', feedbackId: 'c' },
      'a line',
      { ...init, type: 'full', onProgress: () => undefined },
    ]),
    getFeedbackUrl: call(() => [{ appVersion: '1', languageCode: 'en' }]),
    getSupportUrl: call(() => [{ languageCode: 'en' }]),
  },
  'support.metrics': {
    submit: {
      valid: () => ['name', { fields: { a: 1 }, tags: { b: 'c' }, type: ['operational'] }],
      sync: true,
    },
    submitClientMetrics: {
      valid: () => ['name', { fields: { a: 1 }, tags: { b: 'c' } }, 'before'],
      sync: true,
    },
    flush: 'none',
    alias: call(() => ['before']),
  },
  encryption: {
    encryptText: sync(({ keyUrl }) => [keyUrl, 'text']),
    decryptText: sync(({ keyUrl }) => [keyUrl, 'a.b.c.d.e']),
    getKey: bare(({ keyUrl }) => [keyUrl, { ...init, fresh: false }]),
    createKeys: call(() => [1]),
    createResource: call(({ personId, keyUrl }) => [{ userIds: [personId], keyUris: [keyUrl] }]),
    bindKey: call(({ keyUrl }) => [keyUrl, keyUrl.replace('/keys/', '/resources/')]),
    addAuthorization: call(({ keyUrl, personId }) => [keyUrl.replace('/keys/', '/resources/'), [personId]]),
    removeAuthorization: call(({ keyUrl, personId }) => [keyUrl.replace('/keys/', '/resources/'), personId]),
    listAuthorizations: call(({ keyUrl }) => [keyUrl.replace('/keys/', '/resources/')]),
    ping: call(),
    wrap: call(() => [{ method: 'update', uri: '/ping' }]),
    unwrap: 'none', // reads a frame of the key service
    encryptBinary: call(({ keyUrl }) => [keyUrl, bytes]),
    decryptBinary: call(({ keyUrl }) => [keyUrl, 'a.b.c.d.e']),
    encryptFile: bare(() => [bytes]),
    decryptFile: bare(() => [bytes, scr]),
    wrapScr: call(({ keyUrl }) => [keyUrl, { ...scr, loc: 'https://example.com/x' }]),
    unwrapScr: call(({ keyUrl }) => [keyUrl, 'a.b.c.d.e']),
    fileAt: bare(() => [{ path: '/no/such/file' }]),
    sealFile: bare(() => [bytes, init]),
    download: bare(({ fileUrl }) => [
      fileUrl,
      { ...scr, loc: fileUrl },
      { ...init, maxBytes: 10, onProgress: () => undefined, useFileService: false },
    ]),
    downloadAndDecryptFile: bare(({ keyUrl, fileUrl }) => [
      fileUrl,
      { ...init, jwe: 'a.b.c.d.e', keyUri: keyUrl, useFileService: false },
    ]),
  },
  conversation: {
    create: call(({ personId }) => [
      { participants: [personId], title: 'x', tags: [], forceGrouped: true, onlyNew: false },
    ]),
    direct: call(({ personId }) => [personId]),
    getByUser: call(({ personId }) => [personId, { includeParticipants: false }]),
    get: call(({ conversationId }) => [conversationId, { includeParticipants: true, activitiesLimit: 1 }]),
    list: sync(() => [{ conversationsLimit: 1, summary: false }]),
    listLeft: sync(() => [{ conversationsLimit: 1 }]),
    listMentions: sync(() => [{ limit: 1 }]),
    listThreads: sync(() => [{ limit: 1 }]),
    listThreaded: sync(({ conversationId, activityId }) => [
      conversationId,
      { limit: 1, before: undefined, after: undefined, around: activityId },
    ]),
    activities: call(({ activityId }) => [[activityId]]),
    parents: call(({ conversationId }) => [conversationId, { activityType: 'reply', sinceDate: 0 }]),
    children: sync(({ conversationId, activityId }) => [conversationId, activityId, 'reply']),
    listActivities: call(({ conversationId }) => [conversationId, { limit: 1, maxDate: 1, midDate: 1 }]),
    post: call(({ conversationId, activityId }) => [
      conversationId,
      { text: 'a', html: 'b', mentionedPeople: [], mentionsAll: false, cards: [] },
      { parentId: activityId, clientTempId: 'x' },
    ]),
    edit: call(({ conversationId, activityId }) => [
      conversationId,
      activityId,
      { text: 'a', html: 'b', mentionedPeople: [], cards: [] },
    ]),
    remove: call(({ conversationId }) => [conversationId, goneUuid]),
    acknowledge: call(inRoom),
    add: call(personIn),
    leave: call(() => [goneUuid, goneUuid]),
    update: call(({ conversationId }) => [conversationId, { title: 'x' }]),
    addReaction: call(({ conversationId, activityId }) => [conversationId, activityId, 'celebrate']),
    removeReaction: call(({ conversationId }) => [conversationId, goneUuid]),
    reactions: call(inRoom),
    typing: call(({ conversationId }) => [conversationId, true]),
    onTyping: { valid: () => [() => undefined], sync: true },
    onActivity: { valid: () => [() => undefined], sync: true },
    tag: call(({ conversationId }) => [conversationId, ['FAVORITE']]),
    untag: call(({ conversationId }) => [conversationId, ['FAVORITE']]),
    mute: call(room),
    unmute: call(room),
    favorite: call(room),
    unfavorite: call(room),
    hide: call(room),
    unhide: call(room),
    lock: call(room),
    unlock: call(room),
    updateKey: call(() => [goneUuid]),
    unassignAvatar: call(room),
    setSpaceProperty: call(({ conversationId }) => [conversationId, 'ANNOUNCEMENT']),
    unsetSpaceProperty: call(({ conversationId }) => [conversationId, 'ANNOUNCEMENT']),
    assignAvatar: call(({ conversationId }) => [conversationId, file]),
    cardAction: call(({ conversationId, activityId }) => [conversationId, activityId, { a: 1 }]),
    assignModerator: call(personIn),
    unassignModerator: call(personIn),
    share: bare(({ conversationId, activityId }) => [
      conversationId,
      { files: [bytes], text: 'a', html: 'b', parentId: activityId, clientTempId: 'x', mentionedPeople: [] },
      { ...init, maxBytes: 100, onProgress: () => undefined },
    ]),
    download: bare((things) => [wireFile(things), { ...init, maxBytes: 10, onProgress: () => undefined }]),
    downloadThumbnail: bare((things) => [wireFile(things), { ...init, maxBytes: 10 }]),
  },
};

const umbrella = (entries: Calls[string]): Calls[string] =>
  Object.fromEntries(
    Object.entries(entries).map(([name, entry]): [string, Entry | 'none'] =>
      entry === 'none'
        ? [name, entry]
        : [name, { valid: (things: Things) => entry.valid(things).slice(0, -1) }],
    ),
  );
/** Methods that only the native plugins have, or that the umbrella has in its own way. */
const nativeOnly = new Set([
  'readStatusOf',
  'on',
  'once',
  'stopListening',
  'listDirect',
  'download',
  'fileInfo',
  'me',
]);
const official = (api: string, more: Calls[string] = {}): Calls[string] => {
  const own = restCalls[api] ?? {};
  const entries: Calls[string] = Object.fromEntries(
    Object.entries(own).filter(([name]) => !nativeOnly.has(name)),
  );
  const ofEvents = own['on'] && {
    on: { valid: () => ['created', () => undefined], sync: true } as const,
    once: { valid: () => ['created', () => undefined], sync: true } as const,
    stopListening: 'none' as const,
    listen: 'none' as const,
  };
  return { ...umbrella(entries), ...ofEvents, ...more };
};
export const umbrellaCalls: Calls = {
  rooms: official('rooms'),
  messages: official('messages', {
    create: bare(({ roomId }) => [
      { roomId, text: 'a', markdown: 'b', files: [new Blob(['x'])], file: undefined },
    ]),
  }),
  memberships: official('memberships'),
  people: official('people', { inferPersonIdFromUuid: { valid: () => [goneUuid], sync: true } }),
  teams: official('teams'),
  teamMemberships: official('teamMemberships'),
  webhooks: official('webhooks'),
  attachmentActions: official('attachmentActions', {
    list: bare(() => [{}]), // these three are refused
    update: bare(() => [{}]),
    remove: bare(() => [gone]),
  }),
};
