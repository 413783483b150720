import { createHmac } from 'node:crypto';
import { encodeId } from '@trunkline/wire';
import { admin, send, type Reply, type Watched } from './kit.js';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

/** In every text of Ana's: no one outside may ever receive it. */
export const roomSecret = 'ROOMSECRET7f3a';
/** In what is Ana's alone: the members of her room may not receive it either. */
export const ownSecret = 'OWNSECRET91bc';

const base64 = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A JWT as guest issuers sign it. */
function guestJwt(issuer: string, secret: string, sub: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub, iss: issuer, name: 'Gus Guest', iat: now, exp: now + 600 };
  const text = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims)}`;
  return `${text}.${createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64url')}`;
}

/** People, and one of everything that belongs to Ana or to her room. */
export async function createWorld(service: Watched) {
  const raw = (token: string | undefined, method: string, path: string, body?: unknown, type?: string) =>
    send(service.url, {
      method,
      path,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  async function ok<T = { id: string }>(
    token: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const reply = await raw(token, method, path, body);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${String(reply.status)} ${reply.text}`);
    return (reply.text === '' ? undefined : JSON.parse(reply.text)) as T;
  }
  async function person(name: string, roles: readonly string[] = []): Promise<Person> {
    const email = `${name}@example.com`;
    const made = await admin<{ id: string; accessToken: string }>(service, 'users', {
      email,
      displayName: name,
      roles,
    });
    return { id: made.id, email, token: made.accessToken };
  }
  const [ana, ben, rex, sol] = [
    await person('ana'),
    await person('ben'),
    await person('rex'),
    await person('sol'),
  ];
  const bot = await person('botty', ['bot']);
  const chief = await person('chief', ['admin']);
  const issuer = await admin<{ issuer: string; secret: string }>(service, 'guest-issuers', { name: 'Desk' });
  const login = await send(service.url, {
    method: 'POST',
    path: '/v1/jwt/login',
    headers: { authorization: guestJwt(issuer.issuer, issuer.secret, 'gus') },
  });
  const guest = (JSON.parse(login.text) as { token: string }).token;

  // a token of Ana's with a right that none of these objects need
  await admin(service, 'clients', {
    clientId: 'narrow',
    clientSecret: 'narrow-narrow-narrow-narrow',
    redirectUris: ['http://127.0.0.1/cb'],
    scopes: 'spark:people_read',
  });
  const narrow = await admin<{ accessToken: string }>(service, 'tokens', {
    userId: ana.id,
    clientId: 'narrow',
  });
  const gone = await admin<{ accessToken: string }>(service, 'tokens', { userId: ana.id });
  await admin(service, 'tokens/revoke', { accessToken: gone.accessToken });

  const team = await ok(ana.token, 'POST', '/v1/teams', { name: `Team ${roomSecret}` });
  const teamMembership = await ok(ana.token, 'POST', '/v1/team/memberships', {
    teamId: team.id,
    personEmail: ben.email,
  });
  const room = await ok(ana.token, 'POST', '/v1/rooms', { title: `Room ${roomSecret}` });
  const conversation = Buffer.from(room.id, 'base64').toString().split('/').pop() ?? '';
  const join = (personEmail: string) =>
    ok(ana.token, 'POST', '/v1/memberships', { roomId: room.id, personEmail });
  const membership = await join(ben.email);
  const removed = await join(rex.email);
  const card = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: {
      type: 'AdaptiveCard',
      version: '1.3',
      body: [{ type: 'TextBlock', text: `Card ${roomSecret}` }],
      actions: [{ type: 'Action.Submit', title: 'Send' }],
    },
  };
  const message = await ok(ana.token, 'POST', '/v1/messages', {
    roomId: room.id,
    text: `Text ${roomSecret}`,
  });
  const asked = await ok(ana.token, 'POST', '/v1/messages', {
    roomId: room.id,
    text: `Card ${roomSecret}`,
    attachments: [card],
  });
  const action = await ok(ben.token, 'POST', '/v1/attachment/actions', {
    type: 'submit',
    messageId: asked.id,
    inputs: { answer: `Inputs ${roomSecret}` },
  });
  const form = [
    `--b\r\ncontent-disposition: form-data; name="roomId"\r\n\r\n${room.id}\r\n`,
    `--b\r\ncontent-disposition: form-data; name="files"; filename="plan.txt"\r\n\r\nFile ${roomSecret}\r\n--b--\r\n`,
  ].join('');
  const shared = JSON.parse(
    (await raw(ana.token, 'POST', '/v1/messages', form, 'multipart/form-data; boundary=b')).text,
  ) as { id: string; files: readonly string[] };
  const activity = Buffer.from(message.id, 'base64').toString().split('/').pop() ?? '';
  const contents = new URL(shared.files[0] ?? '').pathname.split('/').pop() ?? '';
  // Rex was there, and knows every id
  await ok(ana.token, 'DELETE', `/v1/memberships/${removed.id}`);

  const conv = `/conversation/api/v1/conversations/${conversation}`;
  const { spaceUrl } = await ok<{ spaceUrl: string }>(ana.token, 'PUT', `${conv}/space`);
  const uploaded = async (): Promise<{ id: string; upload: string; file: string }> => {
    const text = `Raw ${roomSecret}`;
    const session = await ok<{ uploadUrl: string; finishUploadUrl: string }>(
      ana.token,
      'POST',
      `${new URL(spaceUrl).pathname}/upload_sessions`,
      { fileSize: text.length },
    );
    const upload = new URL(session.uploadUrl).pathname;
    await raw(undefined, 'PUT', upload, text, 'application/octet-stream');
    const done = await ok<{ downloadUrl: string }>(
      ana.token,
      'POST',
      new URL(session.finishUploadUrl).pathname,
      {},
    );
    const file = new URL(done.downloadUrl).pathname;
    return { id: file.split('/').pop() ?? '', upload, file };
  };
  const file = await uploaded();
  const webhook = await ok(ana.token, 'POST', '/v1/webhooks', {
    name: `Hook ${ownSecret}`,
    targetUrl: `https://example.com/${ownSecret}`,
    resource: 'messages',
    event: 'created',
    secret: ownSecret,
  });
  const device = await ok<{ url: string }>(ana.token, 'POST', '/wdm/api/v1/devices', {
    deviceName: `Device ${ownSecret}`,
    deviceType: 'WEB',
    name: ownSecret,
    model: 'web',
    localizedModel: 'web',
    systemName: ownSecret,
    systemVersion: '1',
  });
  const logs = '/client-logs/api/v1/logs';
  const log = await ok<{ tempURL: string; logFilename: string; url: string }>(
    ana.token,
    'POST',
    `${logs}/urls`,
    {
      file: `${ownSecret}.txt`,
    },
  );
  await raw(undefined, 'PUT', new URL(log.tempURL).pathname, `Log ${ownSecret}`, 'text/plain');
  const meeting = await ok<{ id: string; meetingNumber: string }>(ana.token, 'POST', '/v1/meetings', {
    title: `Meeting ${ownSecret}`,
    agenda: ownSecret,
    password: ownSecret,
    start: '2030-01-01T09:00:00Z',
    end: '2030-01-01T10:00:00Z',
    invitees: [{ email: 'invitee@example.com', displayName: ownSecret }],
  });
  const invitees = await ok<{ items: readonly { id: string }[] }>(
    ana.token,
    'GET',
    `/v1/meetingInvitees?meetingId=${meeting.id}`,
  );
  // held in the room by Ana alone
  const { locus } = await ok<{ locus: { url: string; self: { id: string } } }>(
    ana.token,
    'POST',
    '/locus/api/v1/loci/call',
    {
      invitee: { address: `http://x${conv}` },
      device: { url: device.url, deviceType: 'WEB' },
      correlationId: ownSecret,
      alias: `Ana ${ownSecret}`,
    },
  );
  const roomDevice = await admin<{ id: string }>(service, 'devices', { displayName: 'Board', pin: '1234' });
  await ok(ana.token, 'POST', '/feature/api/v1/features/users/' + ana.id + '/user', {
    key: 'own',
    val: ownSecret,
  });
  const guestIssuer = issuer.issuer;

  return {
    raw,
    ok,
    people: { ana, ben, rex, sol, bot, chief },
    tokens: { guest, narrow: narrow.accessToken, revoked: gone.accessToken },
    guestIssuer,
    room: room.id,
    conversation,
    team: team.id,
    teamMembership: teamMembership.id,
    membership: membership.id,
    removed: removed.id,
    message: message.id,
    card: asked.id,
    action: action.id,
    shared: shared.id,
    activity,
    contents,
    file,
    webhook: webhook.id,
    device: new URL(device.url).pathname.split('/').pop() ?? '',
    deviceUrl: device.url,
    log: { id: new URL(log.url).pathname.split('/').pop() ?? '', name: log.logFilename },
    roomDevice: roomDevice.id,
    meeting: meeting.id,
    meetingNumber: meeting.meetingNumber,
    invitee: invitees.items[0]?.id ?? '',
    locus: new URL(locus.url).pathname.split('/').pop() ?? '',
    participant: locus.self.id,
    anaHydra: encodeId('PEOPLE', ana.id),
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;
export type { Reply };
