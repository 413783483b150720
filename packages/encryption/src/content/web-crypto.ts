import { sdkError } from '@trunkline/core';

// Asked for at each use: nothing global is touched when the package is imported.
function web(): Crypto {
  const found = (globalThis as { readonly crypto?: Crypto }).crypto;
  // on a page without https `crypto` is there and `subtle` is not
  if ((found as { readonly subtle?: SubtleCrypto } | undefined)?.subtle === undefined)
    throw sdkError(
      'ERR_ENVIRONMENT',
      'encryption needs WebCrypto, which is missing here; browsers offer it only to pages served by https or from localhost',
    );
  return found as Crypto;
}

export const subtle = (): SubtleCrypto => web().subtle;
export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  web().getRandomValues(new Uint8Array(count));
