import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agree, type ContentCloud, type Person, startContent } from '../harness.test.js';
import { decryptDirect, encryptContent } from './jwe.js';

describe('key service', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
  });
  afterEach(() => cloud.close());

  it('agrees on a key and signs the answer with the key it publishes', async () => {
    const { answer, jwk, protectedHeader } = await agree(cloud, ana);
    expect(answer).to.include({ status: 201, requestId: 'r1' });
    expect(protectedHeader).to.deep.equal({ alg: 'RS256', kid: jwk.kid });
  });

  it('does not show the key service of another user', async () => {
    expect((await cloud.call(ben, 'GET', `/encryption/api/v1/kms/${ana.id}`)).status).to.equal(404);
  });

  it('makes keys that only their maker retrieves; another learns as much as of a key that is not there', async () => {
    const [a, b] = [await agree(cloud, ana), await agree(cloud, ben)];
    const { keys = [] } = await a.ask({ method: 'create', uri: '/keys', count: 2 });
    const uri = keys[0]?.uri;
    expect((await a.ask({ method: 'retrieve', uri })).key?.jwk).to.deep.equal(keys[0]?.jwk);
    const refused = await b.ask({ method: 'retrieve', uri, requestId: 'x' });
    expect(refused.status).to.equal(403);
    expect(refused).to.deep.equal(
      await b.ask({ method: 'retrieve', uri: `${b.cluster}/keys/${randomUUID()}`, requestId: 'x' }),
    );
  });

  it('gives a bound key to those whom the resource names, until they are taken off', async () => {
    const [a, b] = [await agree(cloud, ana), await agree(cloud, ben)];
    const { keys = [] } = await a.ask({ method: 'create', uri: '/keys', count: 1 });
    const uri = keys[0]?.uri;
    const { resource } = await a.ask({
      method: 'create',
      uri: '/resources',
      userIds: [ana.id],
      keyUris: [uri],
    });
    expect((await b.ask({ method: 'retrieve', uri })).status).to.equal(403);
    await a.ask({ method: 'create', uri: '/authorizations', resourceUri: resource?.uri, userIds: [ben.id] });
    expect((await b.ask({ method: 'retrieve', uri })).status).to.equal(200);
    await a.ask({ method: 'delete', uri: `${resource?.uri ?? ''}/authorizations?authId=${ben.id}` });
    expect((await b.ask({ method: 'retrieve', uri })).status).to.equal(403);
  });

  it('binds no key of another and none twice', async () => {
    const [a, b] = [await agree(cloud, ana), await agree(cloud, ben)];
    const { keys = [] } = await a.ask({ method: 'create', uri: '/keys', count: 1 });
    const keyUris = [keys[0]?.uri];
    expect((await b.ask({ method: 'create', uri: '/resources', userIds: [], keyUris })).status).to.equal(403);
    expect((await a.ask({ method: 'create', uri: '/resources', userIds: [], keyUris })).status).to.equal(201);
    expect((await a.ask({ method: 'create', uri: '/resources', userIds: [], keyUris })).status).to.equal(403);
  });

  it('authorizes the users of one resource for another, lists and removes that (A9)', async () => {
    const [a, b] = [await agree(cloud, ana), await agree(cloud, ben)];
    const { keys = [] } = await a.ask({ method: 'create', uri: '/keys', count: 2 });
    const [mine, shared] = keys.map(({ uri }) => uri);
    const make = async (keyUri: string | undefined): Promise<string> =>
      (await a.ask({ method: 'create', uri: '/resources', userIds: [], keyUris: [keyUri] })).resource?.uri ??
      '';
    const [one, other] = [await make(mine), await make(shared)];
    const read = async (uri: string | undefined) => (await b.ask({ method: 'retrieve', uri })).status;
    await a.ask({ method: 'create', uri: '/authorizations', resourceUri: other, userIds: [ben.id] });
    expect([await read(mine), await read(shared)]).to.deep.equal([403, 200]);
    const added = await a.ask({
      method: 'create',
      uri: '/authorizations',
      resourceUri: one,
      authIds: [other],
    });
    expect(added.status).to.equal(201);
    expect(added.authorizations?.map(({ authId, resourceUri }) => [authId, resourceUri])).to.deep.equal([
      [other, one],
    ]);
    // in a circle, which must end
    await a.ask({ method: 'create', uri: '/authorizations', resourceUri: other, authIds: [one] });
    expect(await read(mine)).to.equal(200);
    const { authorizations = [] } = await a.ask({ method: 'retrieve', uri: `${one}/authorizations` });
    expect(authorizations.map(({ authId, resourceUri }) => [authId, resourceUri])).to.have.deep.members([
      [ana.id, one],
      [other, other],
    ]);
    await a.ask({ method: 'delete', uri: `${one}/authorizations?authId=${encodeURIComponent(other)}` });
    expect(await read(mine)).to.equal(403);
    const cleo = await agree(cloud, await cloud.person('cleo'));
    const uri = `${one}/authorizations`;
    expect((await cleo.ask({ method: 'retrieve', uri })).status).to.equal(403);
    for (const authIds of [['x'], ['kms://host/keys/1'], [`${one}/authorizations`]])
      expect(
        (await a.ask({ method: 'create', uri: '/authorizations', resourceUri: one, authIds })).status,
      ).to.equal(400);
  });

  it('lets accounts with the role of a compliance officer read keys for others, and no one else', async () => {
    const officer = await cloud.person('jim', ['spark.kms_orgagent']);
    const [a, b, o] = [await agree(cloud, ana), await agree(cloud, ben), await agree(cloud, officer)];
    const { keys = [] } = await a.ask({ method: 'create', uri: '/keys', count: 1 });
    const uri = keys[0]?.uri;
    const as = (who: Person, onBehalfOf: string) => ({
      client: { clientId: 'x', credential: { userId: onBehalfOf, onBehalfOf, bearer: who.token } },
    });
    const read = { method: 'retrieve', uri };
    expect((await o.ask({ ...read, ...as(officer, ana.id) })).key?.uri).to.equal(uri);
    expect((await o.ask({ ...read, ...as(officer, officer.id) })).status).to.equal(403);
    expect((await o.ask(read)).status).to.equal(403);
    expect((await o.ask({ ...read, ...as(officer, ben.id) })).status).to.equal(403);
    expect((await b.ask({ ...read, ...as(ben, ana.id) })).status).to.equal(403);
    expect((await a.ask({ ...read, ...as(ana, ana.id) })).status).to.equal(200);
    for (const nobody of ['', 'x', randomUUID()])
      expect((await o.ask({ ...read, ...as(officer, nobody) })).status).to.equal(403);
    // to read, not to act
    const make = { method: 'create', uri: '/keys', count: 1, ...as(officer, ana.id) };
    expect((await o.ask(make)).status).to.equal(403);
  });

  it('refuses customer master keys in the words of the protocol', async () => {
    const a = await agree(cloud, ana);
    const assignedOrgId = ana.org_id;
    for (const request of [
      { method: 'retrieve', uri: '/publicKey' },
      { method: 'create', uri: '/cmk', customerMasterKey: 'x' },
      { method: 'retrieve', uri: '/awsKmsCmk' },
      { method: 'delete', uri: '/cmk' },
      { method: 'update', uri: 'default', keyState: 'ACTIVE' },
    ]) {
      const answer = await a.ask({ ...request, assignedOrgId });
      expect(answer.status).to.equal(501);
      expect(answer.reason).to.contain('BYOK');
    }
  });

  it('says what it cannot do, and limits how many keys are made', async () => {
    const a = await agree(cloud, ana);
    expect((await a.ask({ method: 'create', uri: '/cmk' })).status).to.equal(501);
    expect((await a.ask({ method: 'create', uri: '/keys', count: 501 })).status).to.equal(400);
    expect((await a.ask({ method: 'update', uri: '/ping' })).status).to.equal(200);
  });

  it('refuses a message whose bearer is another’s, and one under another’s session', async () => {
    const [a, b] = [await agree(cloud, ana), await agree(cloud, ben)];
    const client = { clientId: 'x', credential: { userId: ana.id, bearer: ben.token } };
    expect((await a.ask({ method: 'create', uri: '/keys', count: 1, client })).status).to.equal(401);
    // packed before a refresh: the sender's own good token stands for it
    const stale = { clientId: 'x', credential: { userId: ana.id, bearer: 'ended_token_of-before' } };
    expect((await a.ask({ method: 'create', uri: '/keys', count: 1, client: stale })).status).to.equal(201);
    const stolen = await a.wrap({ method: 'create', uri: '/keys', count: 1 });
    expect((await b.submit(stolen)).status).to.equal(400);
  });

  it('answers noise and unknown sessions with a plain refusal', async () => {
    const a = await agree(cloud, ana);
    for (const noise of ['', 'noise', 'a.b.c.d.e', `${'x'.repeat(5000)}.....`])
      expect((await a.submit(noise)).status).to.equal(400);
    const altered = `${(await a.wrap({ method: 'create', uri: '/keys' })).slice(0, -4)}AAAA`;
    expect((await a.submit(altered)).status).to.equal(400);
  });

  it('keeps host, key, sessions and content keys over a restart; refuses another master key', async () => {
    const data = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
    try {
      const before = await startContent({ data });
      const eve = await before.person('eve');
      const session = await agree(before, eve);
      const { keys = [] } = await session.ask({ method: 'create', uri: '/keys', count: 1 });
      await before.close();
      expect(statSync(path.join(data, 'master.key')).mode & 0o777).to.equal(0o600);
      const secret = Buffer.from((keys[0]?.jwk as { k?: string }).k ?? '', 'base64url');
      for (const name of readdirSync(data))
        expect(readFileSync(path.join(data, name)).includes(secret), name).to.equal(false);

      const after = await startContent({ data });
      const message = await session.wrap({ method: 'retrieve', uri: keys[0]?.uri });
      const posted = await after.call(eve, 'POST', '/encryption/api/v1/kms/messages', {
        kmsMessages: [message],
      });
      expect(posted.status).to.equal(202);
      const info = await after.ok(eve, 'GET', `/encryption/api/v1/kms/${eve.id}`);
      expect(info['kmsCluster']).to.equal(session.cluster);
      await after.close();

      writeFileSync(path.join(data, 'master.key'), Buffer.alloc(32, 7).toString('base64'));
      let message2 = '';
      await startContent({ data }).catch((error: unknown) => {
        message2 = error instanceof Error ? error.message : '';
      });
      expect(message2).to.contain('master-key');
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });
});

describe('content encryption', () => {
  const key = Buffer.alloc(32, 1);
  it('reads what it wrote, with the header that clients expect', () => {
    const jwe = encryptContent(key, 'grüße');
    expect(Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString()).to.equal(
      '{"enc":"A256GCM","alg":"dir"}',
    );
    expect(decryptDirect(key, jwe)).to.equal('grüße');
  });
  it('refuses a shortened tag, another key, another header', () => {
    const [head = '', , iv = '', body = '', tag = ''] = encryptContent(key, 'x').split('.');
    const shortened = Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url');
    expect(() => decryptDirect(key, `${head}..${iv}.${body}.${shortened}`)).to.throw();
    expect(() => decryptDirect(Buffer.alloc(32, 2), encryptContent(key, 'x'))).to.throw();
    const other = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url');
    expect(() => decryptDirect(key, `${other}..${iv}.${body}.${tag}`)).to.throw();
  });
});
