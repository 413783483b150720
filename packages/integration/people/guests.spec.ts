import { createGuestJwt } from '@trunkline/auth';
import { startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import { encodeId, uuidOf } from '@trunkline/wire';
import { expect } from 'chai';

type Json = Readonly<Record<string, unknown>>;

describe('what guests see of the organisation’s people (F19)', () => {
  let cloud: Cloud;
  let guest = '';
  let guestId = '';
  let ana: CloudPerson;
  let ben: CloudPerson;
  let roomId = '';

  const call = async (
    token: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> => {
    const response = await fetch(`${cloud.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
  };
  const itemsOf = ({ body }: { body: Json }): readonly Json[] => body['items'] as readonly Json[];

  before(async () => {
    cloud = await startCloud();
    const make = (name: string): Promise<CloudPerson> =>
      cloud.admin<CloudPerson>('POST', 'users', {
        email: `${name}@example.org`,
        displayName: `${name} Sample`,
      });
    [ana, ben] = await Promise.all([make('anabel'), make('benno')]);
    const issuer = await cloud.admin<{ issuer: string; secret: string }>('POST', 'guest-issuers', {
      name: 'Desk',
    });
    const jwt = await createGuestJwt({ ...issuer, displayName: 'Visitor', subject: 'v' });
    const login = await fetch(`${cloud.url}/v1/jwt/login`, {
      method: 'POST',
      headers: { authorization: jwt },
    });
    guest = ((await login.json()) as { token: string }).token;
    guestId = uuidOf('PEOPLE', String((await call(guest, 'GET', '/v1/people/me')).body['id'])) ?? '';
    roomId = String((await call(ana.accessToken, 'POST', '/v1/rooms', { title: 'Desk' })).body['id']);
  });
  after(() => cloud.close());

  const publicId = ({ id }: { readonly id: string }): string =>
    encodeId('PEOPLE', uuidOf('PEOPLE', id) ?? id);
  const bare = ({ id }: { readonly id: string }): string => uuidOf('PEOPLE', id) ?? id;

  /** Everything by which a guest could find this person; what each path shows. */
  const seen = async (who: CloudPerson, name: string): Promise<Readonly<Record<string, boolean>>> => {
    const email = `${name}@example.org`;
    const subject = bare(who);
    const users = await call(guest, 'POST', '/conversation/api/v1/users', [{ email }, { id: subject }]);
    const exists = (key: string): boolean => (users.body[key] as Json | undefined)?.['userExists'] === true;
    const presence = await call(guest, 'POST', '/apheleia/api/v1/compositions', { subjects: [subject] });
    const subscribed = await call(guest, 'POST', '/apheleia/api/v1/subscriptions', {
      subjects: [subject],
      subscriptionTtl: 60,
    });
    return {
      byName: itemsOf(await call(guest, 'GET', `/v1/people?displayName=${name}`)).length > 0,
      byEmail: itemsOf(await call(guest, 'GET', `/v1/people?email=${email}`)).length > 0,
      byIds: itemsOf(await call(guest, 'GET', `/v1/people?id=${publicId(who)}`)).length > 0,
      byBareIds: itemsOf(await call(guest, 'GET', `/v1/people?id=${subject}`)).length > 0,
      byId: (await call(guest, 'GET', `/v1/people/${publicId(who)}`)).status === 200,
      byLookup: exists(email) || exists(subject),
      byUser: (await call(guest, 'GET', `/conversation/api/v1/users/${subject}`)).status === 200,
      bySubscription: (subscribed.body['responses'] as readonly Json[])[0]?.['responseCode'] === 200,
      byPresence: (presence.body['statusList'] as readonly Json[]).some(
        (status) => status['url'] !== undefined && status['status'] !== 'unknown',
      ),
    };
  };
  const none = (found: Readonly<Record<string, boolean>>): readonly string[] =>
    Object.entries(found).flatMap(([path, is]) => (is ? [path] : []));

  it('is no one before they share a conversation, on any path', async () => {
    // so that there is something to see
    await call(ben.accessToken, 'POST', '/apheleia/api/v1/events', {
      subject: bare(ben),
      eventType: 'dnd',
      ttl: 600,
    });
    expect(none(await seen(ben, 'benno'))).to.deep.equal([]);
    expect(none(await seen(ana, 'anabel'))).to.deep.equal([]);
    expect(itemsOf(await call(guest, 'GET', '/v1/people?displayName=Sample'))).to.deep.equal([]);
  });

  it('is themselves', async () => {
    expect((await call(guest, 'GET', '/v1/people/me')).status).to.equal(200);
    expect((await call(guest, 'GET', `/v1/people/${encodeId('PEOPLE', guestId)}`)).status).to.equal(200);
    expect(itemsOf(await call(guest, 'GET', `/v1/people?id=${encodeId('PEOPLE', guestId)}`))).to.have.length(
      1,
    );
  });

  it('is the people of a conversation while they share it, and no one else', async () => {
    const added = await call(ana.accessToken, 'POST', '/v1/memberships', {
      roomId,
      personId: encodeId('PEOPLE', guestId),
    });
    expect(added.status).to.equal(200);
    const found = await seen(ana, 'anabel');
    // she set no presence, so all but that is shown
    expect(Object.keys(found).filter((path) => found[path] === false && path !== 'byPresence')).to.deep.equal(
      [],
    );
    expect(none(await seen(ben, 'benno'))).to.deep.equal([]);
    expect(
      itemsOf(await call(guest, 'GET', '/v1/people?displayName=Sample')).map((one) => one['displayName']),
    ).to.deep.equal(['anabel Sample']);
    const membership = String(added.body['id']);
    expect((await call(ana.accessToken, 'DELETE', `/v1/memberships/${membership}`)).status).to.equal(204);
    expect(none(await seen(ana, 'anabel'))).to.deep.equal([]);
  });

  it('is not asked about with an address, or with another person’s name', async () => {
    const path = '/atlas/admin/api/v1/users/activations';
    expect((await call(guest, 'POST', path, { email: 'benno@example.org' })).status).to.equal(403);
    const scim = `/identity/scim/v1/Users/${bare(ben)}`;
    expect((await call(guest, 'PATCH', scim, { displayName: 'x' })).status).to.equal(404);
  });

  it('is everyone for members of the organisation', async () => {
    const found = itemsOf(await call(ana.accessToken, 'GET', '/v1/people?displayName=benno'));
    expect(found.map((one) => one['displayName'])).to.deep.equal(['benno Sample']);
  });
});
