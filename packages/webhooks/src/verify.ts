import { sdkError } from '@trunkline/core';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The bytes behind lower-case hex; undefined for anything else. */
function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[\da-f]{2})+$/.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * Whether a delivery comes from the service: its `X-Spark-Signature` is the HMAC-SHA1 of the body under the webhook's
 * secret. Works wherever there is WebCrypto; how long it takes does not tell where a wrong signature differs.
 *
 * @param rawBody   the body exactly as it arrived, before anybody parsed it
 * @param signature the header `X-Spark-Signature`; undefined or null, where it was missing, is false
 * @param secret    what the webhook was created with
 * @throws {SdkError} `ERR_ARGUMENT` when the secret is empty, `ERR_ENVIRONMENT` without WebCrypto, as in a page
 *   that was not loaded over https
 * @example if (!(await verifyWebhook(body, request.headers['x-spark-signature'], secret))) return answer(401);
 * @source protocol/hydra-rest.md §8.1
 */
export async function verifyWebhook(
  rawBody: string | ArrayBuffer | Uint8Array,
  signature: string | readonly string[] | null | undefined,
  secret: string,
): Promise<boolean> {
  if (!secret)
    throw sdkError('ERR_ARGUMENT', 'verifyWebhook needs the secret that the webhook was created with');
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined)
    throw sdkError(
      'ERR_ENVIRONMENT',
      'there is no WebCrypto here; serve the page over https (localhost counts)',
    );
  const given = typeof signature === 'string' ? fromHex(signature) : undefined;
  if (given === undefined) return false;
  const body = typeof rawBody === 'string' ? bytesOf(rawBody) : new Uint8Array(rawBody);
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  const key = await subtle.importKey('raw', bytesOf(secret), algorithm, false, ['verify']);
  // compares in constant time
  return subtle.verify('HMAC', key, given, body);
}
