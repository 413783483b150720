import { expect } from 'chai';
import sinon from 'sinon';
import { verifyWebhook } from './verify.js';

const body = '{"id":"é"}';
// printf '{"id":"é"}' | openssl dgst -sha1 -hmac 'sésame'
const signature = 'f067e343f398f1cea56caca9288688003c6213d7';
const secret = 'sésame';

describe('verifyWebhook', () => {
  it('knows the body as text, as bytes and as part of a buffer', async () => {
    const bytes = new TextEncoder().encode(body);
    const part = new Uint8Array([0, ...bytes, 0]).subarray(1, -1);
    for (const raw of [body, bytes, part, bytes.slice().buffer])
      expect(await verifyWebhook(raw, signature, secret)).to.equal(true);
  });

  it('refuses every other body, signature and secret', async () => {
    expect(await verifyWebhook(`${body} `, signature, secret)).to.equal(false);
    expect(await verifyWebhook(body, signature, 'sesame')).to.equal(false);
    const wrong = [
      undefined,
      null,
      '',
      [signature],
      signature.toUpperCase(),
      signature.slice(0, -2),
      `${signature}00`,
      `${signature.slice(0, -1)}x`,
      `00${signature.slice(2)}`,
    ];
    for (const one of wrong) expect(await verifyWebhook(body, one, secret), String(one)).to.equal(false);
  });

  it('wants a secret: an empty one would be anybody’s', async () => {
    const error: unknown = await verifyWebhook(body, signature, '').catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'ERR_ARGUMENT' });
  });

  it('says so where there is no WebCrypto', async () => {
    sinon.stub(globalThis, 'crypto').value({});
    try {
      const error: unknown = await verifyWebhook(body, signature, secret).catch((reason: unknown) => reason);
      expect(error).to.include({ code: 'ERR_ENVIRONMENT' });
    } finally {
      sinon.restore();
    }
  });
});
