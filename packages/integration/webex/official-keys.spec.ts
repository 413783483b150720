import { startCloud, type Cloud } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { refusal, signIn } from './tools.js';

// what the official client's own integration specs expect of keys
describe('webex.internal.encryption: as the official specs have it', () => {
  let cloud: Cloud;
  let ana: Webex;
  let jim: Webex;
  let anaId: string;
  before(async () => {
    cloud = await startCloud();
    ana = await signIn(cloud, 'ana');
    anaId = (await cloud.person('ana')).id;
    jim = await signIn(cloud, await cloud.person('jim', { roles: ['spark.kms_orgagent'] }));
  });
  after(async () => {
    await Promise.all([ana.close(), jim.close()]);
    await cloud.close();
  });
  const newKey = async () => {
    const [key] = await ana.internal.encryption.kms.createUnboundKeys({ count: 1 });
    if (!key) throw new Error('no key');
    return key;
  };

  it('returns a key that it is given as it is, and the status of a ping (U14, U16)', async () => {
    const key = await newKey();
    expect(await jim.internal.encryption.getKey(key)).to.equal(key);
    const { status, requestId } = await ana.internal.encryption.kms.ping();
    expect(status).to.equal(200);
    expect(requestId).to.be.a('string');
  });
  it('uses a key that it is given without asking for it, and does not keep it (U14)', async () => {
    const key = await newKey();
    const { encryption } = jim.internal;
    const options = { onBehalfOf: anaId };
    expect(
      await encryption.decryptText(key, await encryption.encryptText(key, 'hi', options), options),
    ).to.equal('hi');
    const bytes = new TextEncoder().encode('raw');
    const jwe = await encryption.encryptBinaryData(key, bytes);
    expect(new TextDecoder().decode(await encryption.decryptBinaryData(key, jwe))).to.equal('raw');
    const { scr } = await encryption.encryptBinary(bytes);
    const sealed = await encryption.encryptScr(key, { ...scr, loc: 'https://files.example/1' });
    expect(await encryption.decryptScr(key, sealed)).to.include({ loc: 'https://files.example/1' });
    // by its URL he still may not have it
    expect(await refusal(encryption.decryptText(key.uri, jwe))).to.include({
      code: 'ERR_KEY_DENIED',
      statusCode: 403,
    });
    expect(
      await refusal(encryption.encryptText({ ...key, jwk: { ...key.jwk, k: 'short' } }, 'hi')),
    ).to.include({ code: 'ERR_ARGUMENT' });
  });
  it('reads keys on behalf of others for compliance officers only, each time again', async () => {
    const { uri, jwk } = await newKey();
    const { encryption } = jim.internal;
    expect((await encryption.getKey(uri, { onBehalfOf: anaId })).jwk.k).to.equal(jwk.k);
    expect((await encryption.kms.fetchKey({ uri, onBehalfOf: anaId })).jwk.k).to.equal(jwk.k);
    const own = ana.internal.encryption;
    expect(
      await encryption.decryptText(uri, await own.encryptText(uri, 'hi'), { onBehalfOf: anaId }),
    ).to.equal('hi');
    expect(await refusal(encryption.getKey(uri))).to.have.nested.property('body.status', 403);
    const nobody = '7851fe79-7c87-40cc-ac36-8b77b011b399';
    expect(await refusal(encryption.getKey(uri, { onBehalfOf: nobody }))).to.include({ statusCode: 403 });
    const ben = await signIn(cloud, 'ben');
    expect(await refusal(ben.internal.encryption.kms.fetchKey({ uri, onBehalfOf: anaId }))).to.include({
      statusCode: 403,
    });
    await ben.close();
  });
  it('resolves with the authorizations that were removed', async () => {
    const key = await newKey();
    const { kms } = ana.internal.encryption;
    const kro = await kms.createResource({ key });
    const { id: benId } = await cloud.person('ben');
    await kms.addAuthorization({ userIds: [benId], kro });
    const removed = await kms.removeAuthorization({ userId: benId, kroUri: kro.uri });
    expect(removed.map(({ authId, resourceUri }) => ({ authId, resourceUri }))).to.deep.equal([
      { authId: benId, resourceUri: kro.uri },
    ]);
    expect((await kms.listAuthorizations({ kro })).map(({ authId }) => authId)).to.deep.equal([anaId]);
  });
});
