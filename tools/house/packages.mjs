// What is published, in one place: manifests.mjs writes descriptions, keywords and exports of every package.json from it.

/**
 * entries: public path → module below src (`X.node` beside it is used in Node). oneFile: those that are one file each in
 * Node. script: has a script-tag file. own: conditions that are written by hand.
 */
const plugin = (description, ...keywords) => ({
  description,
  keywords,
  entries: { '.': 'index', './register': 'register' },
  oneFile: ['.'],
  script: true,
});

export const packages = {
  'attachment-actions': plugin(
    'Adaptive cards: submit them and receive what others submit',
    'adaptive-cards',
    'cards',
  ),
  auth: {
    description:
      'Sign-in for browsers, servers, devices and guests: OAuth with PKCE, client credentials, device codes',
    keywords: ['oauth', 'pkce', 'authentication', 'device-flow'],
    entries: { '.': 'index' },
    script: true,
  },
  conversation: plugin(
    'The conversation engine: activities, threads, reactions and files, end-to-end encrypted',
    'encryption',
    'threads',
    'reactions',
  ),
  core: {
    description:
      'The client: plugins, requests with retries, tokens, service discovery and a socket that loses no event',
    keywords: ['client', 'websocket', 'plugins', 'retry'],
    entries: { '.': 'index', './kit': 'kit/index' },
    oneFile: ['.', './kit'],
    script: true,
  },
  devices: plugin('Room devices: find them, pair with them and control them', 'room-devices', 'pairing'),
  encryption: {
    ...plugin(
      'End-to-end encryption: keys, content and files, with e2ee() for a whole client',
      'encryption',
      'kms',
      'e2ee',
      'jwe',
    ),
  },
  media: plugin(
    'Media in browsers: cameras, microphones, screens, connections and checks',
    'webrtc',
    'camera',
    'microphone',
  ),
  'media-server': {
    description:
      'The media of the service: forwards pictures, mixes sound, records, on one UDP port in a process of its own',
    keywords: ['webrtc', 'sfu', 'mixer', 'recording'],
    entries: { '.': 'index' },
  },
  meetings: plugin(
    'Meetings and calls: join, media, roster, controls, sharing, recording',
    'meetings',
    'webrtc',
    'conference',
  ),
  memberships: plugin('Members of rooms: add, remove and list them, with read status', 'memberships'),
  messages: plugin('Messages: send, edit, remove and receive them, with files and cards', 'messages', 'chat'),
  people: plugin('People: look them up and search them', 'people', 'directory'),
  presence: plugin('Presence: read, set and follow it', 'presence', 'status'),
  rooms: plugin('Rooms: create, find, change and follow them, with read status', 'rooms', 'spaces'),
  server: {
    description:
      'The service: a self-hosted backend that speaks the Webex protocol, in one process with no account',
    keywords: ['server', 'self-hosted', 'backend', 'kms'],
    entries: { '.': 'index' },
  },
  state: {
    description: 'Observable models with typed properties and change events',
    keywords: ['state', 'observable', 'model'],
    entries: { '.': 'index' },
  },
  support: plugin('Logs, feedback and metrics for support', 'logs', 'feedback', 'metrics'),
  teams: plugin('Teams and their members', 'teams'),
  testing: {
    description: 'Tests without an account: the service in your process, and fakes for unit tests',
    keywords: ['testing', 'fakes', 'mock'],
    entries: { '.': 'index', './fakes': 'fakes' },
  },
  webex: {
    description: 'Apps written for the webex package run on Trunkline by changing an import',
    keywords: ['webex-sdk', 'migration', 'facade'],
    entries: { '.': 'index', './env': 'env-entry' },
    own: {
      '.': { require: { types: './cjs/index.d.cts', default: './cjs/index.cjs' } },
      './env': { require: { types: './env/index.d.cts', default: './env/index.cjs' } },
    },
    files: { './umd': './dist/umd/webex.min.js' },
  },
  webhooks: plugin('Webhooks: create them and verify what they send', 'webhooks'),
  wire: {
    description: 'What travels: types, ids, events and the protocol rules that client and service share',
    keywords: ['protocol', 'types'],
    entries: { '.': 'index', './content': 'content' },
    oneFile: ['.'],
  },
};

export const shared = {
  license: 'MIT',
  keywords: ['trunkline', 'webex'],
  engines: { node: '>=20.19' },
  repository: (name) => ({
    type: 'git',
    url: 'git+https://github.com/trunkline/trunkline.git',
    directory: `packages/${name}`,
  }),
};
