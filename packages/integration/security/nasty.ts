import { cases, type Case } from './cases.js';
import type { World } from './world.js';

/** One request to be sent as it is. */
export interface FuzzRequest {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** What a client can put into a header. */
const headerValue = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 9_000);
/** Half of a surrogate pair has no percent encoding. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const texts: readonly string[] = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '0',
    '-1',
    '1e999',
    'NaN',
    '99999999999999999999',
    '0x10',
    '..',
    '../..',
    '/',
    '\\',
  ],
  ...[
    '\u0000',
    '\u0001',
    '\ufeff',
    '\u202e',
    '😀',
    '\ud83d',
    '\udc00\ud800',
    'é',
    "'",
    '"',
    '`',
    '<b>',
    '</script>',
  ],
  ...[
    '%',
    '%00',
    '%zz',
    '%ED%A0%80',
    '{{x}}',
    '${x}',
    "' or 1=1 --",
    '; drop table users',
    '__proto__',
    'constructor',
  ],
  ...[
    'toString',
    'hasOwnProperty',
    '@me',
    '@all',
    'me',
    '*',
    'a@b',
    '@',
    'x'.repeat(300),
    'x'.repeat(70_000),
  ],
  ...[
    '<b>'.repeat(5_000),
    ' \n'.repeat(3_000),
    '*'.repeat(5_000),
    '['.repeat(5_000),
    '`'.repeat(5_000),
    '> '.repeat(3_000),
  ],
  ...[
    '2030-01-01T00:00:00.000Z',
    '2030-99-99',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    '1970',
  ],
  ...['00000000-0000-4000-8000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ...[
    'http://',
    'http://[',
    'http://x:99999/',
    'https://x/%',
    'javascript:1',
    'file:///etc/passwd',
    'kms://x/keys/y',
  ],
  ...['kms://', 'a.b.c.d.e', '....', 'eyJhbGciOiJkaXIifQ.e30.x.y.z', 'eyJhbGciOiJub25lIn0..'],
  ...['ciscospark://us/ROOM/x', 'ciscospark://us/ROOM/', 'ciscospark://us/CONTENT/x/y/z'].map(base64),
  ...[
    'wbxmn:2000000000',
    'sip:2000000000@meet.trunkline',
    '00000000-0000-4000-8000-000000000000@meet.trunkline',
  ],
  ...[
    '{"roapMessage":{"messageType":"OFFER","seq":1e9,"sdps":["v=0"]}}',
    '{"roapMessage":[]}',
    '{"audioMuted":1}',
  ],
  ...['{', '{"a":', '[[[[', '{"scr":"x"}', '{"key":"","iv":"","tag":"","aad":""}'],
];
const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    -(2 ** 53),
    1e21,
    [],
    {},
    [[]],
    [null],
    [{}],
    { a: { b: [] } },
  ],
  ...[{ items: null }, { items: {} }, { items: [null, 1, 'x', [], {}] }, { length: 1e9 }, { toString: 1 }],
  ...[{ objectType: 'person', id: 7 }, { type: 'reply', id: null }, { key: 1, value: {} }, { then: 1 }],
];
const names: readonly string[] = [
  ...[
    'roomId',
    'teamId',
    'personId',
    'personEmail',
    'toPersonId',
    'toPersonEmail',
    'messageId',
    'parentId',
    'id',
  ],
  ...[
    'text',
    'markdown',
    'html',
    'files',
    'attachments',
    'title',
    'name',
    'displayName',
    'email',
    'max',
    'cursor',
  ],
  ...[
    'before',
    'beforeMessage',
    'mentionedPeople',
    'sortBy',
    'type',
    'verb',
    'object',
    'target',
    'parent',
    'actor',
  ],
  ...[
    'clientTempId',
    'encryptionKeyUrl',
    'kmsMessage',
    'kmsMessages',
    'activities',
    'participants',
    'items',
    'tags',
  ],
  ...[
    'resource',
    'event',
    'filter',
    'targetUrl',
    'secret',
    'status',
    'ownedBy',
    'isLocked',
    'isModerator',
    'inputs',
  ],
  ...[
    'subjects',
    'subject',
    'eventType',
    'ttl',
    'subscriptionTtl',
    'label',
    'key',
    'val',
    'metrics',
    'data',
    'file',
  ],
  ...[
    'filename',
    'fileSize',
    'endpoints',
    'activityUrls',
    'deviceUrl',
    'deviceType',
    'token',
    'goto',
    'client_id',
  ],
  ...[
    'client_secret',
    'grant_type',
    'code',
    'refresh_token',
    'redirect_uri',
    'scope',
    'state',
    'response_type',
  ],
  ...[
    'code_challenge',
    'code_challenge_method',
    'code_verifier',
    'form_token',
    'password',
    'action',
    'user_code',
  ],
  ...[
    'device_code',
    'since',
    'limit',
    'activitiesLimit',
    'participantsLimit',
    'sinceDate',
    'maxDate',
    'midDate',
  ],
  ...[
    'lastActivityFirst',
    'includeChildren',
    'paginate',
    'format',
    'userId',
    'queryString',
    'metadata',
    'level',
  ],
  ...[
    'conversationUrl',
    'location',
    'mentions',
    'content',
    'contentCategory',
    'scr',
    'url',
    'image',
    'cards',
    '__proto__',
  ],
  ...['invitee', 'invitees', 'address', 'device', 'correlationId', 'permissionToken', 'pin', 'alias', 'lock'],
  ...[
    'admit',
    'audio',
    'video',
    'hand',
    'role',
    'localMedias',
    'localSdp',
    'floor',
    'dtmf',
    'reaction',
    'layout',
  ],
  ...['meetingKey', 'sipUrl', 'meetingUrl', 'meetingUUID', 'captchaID', 'captchaVerifyCode', 'meetingId'],
  ...['start', 'end', 'timezone', 'coHost', 'from', 'to', 'meetingNumber'],
];
const types: readonly string[] = [
  ...[
    'application/json',
    'application/json; charset=utf-16',
    'application/json;;;',
    'text/plain',
    'text/html',
    '*/*',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=b',
    'x',
    '',
    '/',
    ';',
  ],
  ...[
    'application/octet-stream',
    'application/vnd.api+json',
    'application/json, text/plain',
    'APPLICATION/JSON',
  ],
];
const headerNames: readonly string[] = [
  ...[
    'accept',
    'accept-language',
    'cookie',
    'trackingid',
    'if-none-match',
    'if-modified-since',
    'range',
    'origin',
  ],
  ...[
    'x-forwarded-for',
    'x-forwarded-proto',
    'forwarded',
    'cisco-device-url',
    'user-agent',
    'referer',
    'expect',
  ],
  ...[
    'sec-fetch-site',
    'content-encoding',
    'x-http-method-override',
    'access-control-request-headers',
    'via',
    'te',
  ],
];
const rawBodies: readonly (string | Buffer)[] = [
  ...[
    '',
    '{',
    '[',
    '"',
    'nul',
    '{"a":1,}',
    '{"a":1}{"b":2}',
    "{'a':1}",
    '{"a":1e}',
    '\u0000',
    '\ufeff{}',
    'a=b&c=%',
    '&&&',
  ],
  ...[
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{}}}',
    '{"a":"\\ud800"}',
    '{"\\udc00":1}',
    '[NaN]',
    '-',
  ],
  ...[
    `{"inputs":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    `[${'{},'.repeat(40_000)}{}]`,
    `[${'0,'.repeat(300_000)}0]`,
  ],
  ...[
    '--b\r\n\r\n--b--',
    '--b\r\ncontent-disposition: form-data; name=x\r\n\r\n',
    '--b--',
    `"${'x'.repeat(900_000)}"`,
  ],
  ...[
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
    Buffer.alloc(2_000_000, 0x5b),
  ],
];

/** Malformed requests for any route, the same for the same random numbers. */
export function nastyRequests(
  world: World,
  routes: readonly string[],
  adminToken: string,
  random: () => number,
): () => FuzzRequest {
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const ids = [world.room, world.message, world.team, world.membership, world.webhook, world.conversation];
  const moreIds = [world.activity, world.device, world.file.id, world.contents, world.action, world.anaHydra];
  const word = (): string => (chance(0.2) ? pick([...ids, ...moreIds]) : pick(texts));
  const value = (depth = 0): unknown => {
    if (depth < 3 && chance(0.3))
      return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    if (depth < 3 && chance(0.4)) return fields(depth + 1);
    return chance(0.6) ? word() : pick(values);
  };
  const fields = (depth = 0): object =>
    Object.fromEntries(
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => [pick(names), value(depth)]),
    );

  /** The same with something in it replaced, removed or added. */
  function mutate(given: unknown): unknown {
    if (typeof given !== 'object' || given === null || chance(0.15)) return value();
    if (Array.isArray(given)) return given.map((item: unknown) => (chance(0.5) ? mutate(item) : item));
    const entries = Object.entries(given).flatMap(([name, inner]: [string, unknown]) => {
      if (chance(0.1)) return [];
      return [[name, chance(0.4) ? mutate(inner) : inner] as const];
    });
    return { ...Object.fromEntries(entries), ...(chance(0.5) ? fields(1) : {}) };
  }

  function bodyOf(one: Case | undefined): { text: string | Buffer; type: string } {
    if (chance(0.25)) return { text: pick(rawBodies), type: pick(types) };
    if (chance(0.15)) {
      const pairs = Object.entries(fields()).map(
        ([name, inner]) =>
          `${name}=${encodeURIComponent(wellFormed(typeof inner === 'string' ? inner : JSON.stringify(inner)))}`,
      );
      return { text: pairs.join('&'), type: 'application/x-www-form-urlencoded' };
    }
    if (chance(0.1)) {
      const parts = Object.entries(fields()).map(
        ([name, inner]) =>
          `--b\r\ncontent-disposition: form-data; name="${name}"${chance(0.3) ? '; filename="f"' : ''}\r\n\r\n${JSON.stringify(inner)}\r\n`,
      );
      return {
        text: parts.join('') + (chance(0.8) ? '--b--\r\n' : ''),
        type: 'multipart/form-data; boundary=b',
      };
    }
    const base = one?.body?.(world);
    const body = base === undefined || chance(0.3) ? value() : mutate(base);
    const text = JSON.stringify(body);
    return { text: chance(0.05) ? text.slice(0, -1) : text, type: 'application/json' };
  }

  const encoded = (text: string): string =>
    chance(0.05) ? '%' : encodeURIComponent(wellFormed(text)).slice(0, 2_000);
  const query = (): string =>
    Array.from(
      { length: Math.floor(random() * 4) },
      () => `${encoded(chance(0.9) ? pick(names) : word())}=${encoded(word())}`,
    ).join('&');

  return () => {
    const route = pick(routes);
    const one = [cases[route] ?? []].flat()[0];
    const [method = '', pattern = ''] = route.split(' ');
    const good = [...(one?.params?.(world) ?? [])];
    const filled = pattern.replace(/:\w+/g, () => {
      const own = good.shift();
      return own !== undefined && chance(0.7) ? encodeURIComponent(own) : encoded(word());
    });
    const asked = [chance(0.5) ? one?.query?.(world) : undefined, query()].filter((part) => part).join('&');
    const headers: Record<string, string> = {};
    const token = pattern.startsWith('/admin') ? adminToken : world.people.ana.token;
    if (chance(0.9)) headers['authorization'] = chance(0.95) ? `Bearer ${token}` : headerValue(word());
    if (chance(0.3)) headers[pick(headerNames)] = headerValue(word());
    if (chance(0.02)) headers['host'] = headerValue(word());
    if (method === 'GET' || method === 'HEAD' || (method === 'DELETE' && chance(0.5)))
      return { route, method, path: asked === '' ? filled : `${filled}?${asked}`, headers, body: undefined };
    const { text, type } = bodyOf(one);
    if (type !== '' || chance(0.5)) headers['content-type'] = type;
    return {
      route,
      method,
      path: chance(0.7) || asked === '' ? filled : `${filled}?${asked}`,
      headers,
      body: text,
    };
  };
}
