import { sdkError, type SdkError } from '@trunkline/core';
import type { KmsResponse } from '@trunkline/wire';
import type { KmsOperation } from '../types.js';

const describe = ({ method, uri }: KmsOperation): string => `${method} ${uri.split('?')[0] ?? ''}`;

// What the key service says may repeat what we sent, and every request carries a token.
const redact = (reason: string): string =>
  reason
    .replace(/bearer\s+\S+/gi, 'bearer …')
    .replace(/[\w.~+-]{40,}=*/g, '…')
    .slice(0, 200);

/** Refused with a status. @source protocol/kms-and-encryption.md §3.3 */
export function refusal(operation: KmsOperation, response: KmsResponse): SdkError {
  const { status, errorCode } = response;
  const reason = typeof response.reason === 'string' ? `: ${redact(response.reason)}` : '';
  const fields = { status, errorCode, retryable: status === 429 || status >= 500 };
  if (isKeyRetrieval(operation) && [401, 403, 404].includes(status))
    return sdkError(
      'ERR_KEY_DENIED',
      `the key service does not give ${operation.uri} to this user (${String(status)}${reason}); only members of the conversation get its keys`,
      fields,
    );
  return sdkError(
    'ERR_KMS',
    `the key service refused ${describe(operation)} (${String(status)}${reason})`,
    fields,
  );
}

const isKeyRetrieval = ({ method, uri }: KmsOperation): boolean =>
  method === 'retrieve' && /\/keys\/[^/]+$/.test(uri);

export const kmsTimeout = (operation: KmsOperation, waitedMs: number): SdkError =>
  sdkError(
    'ERR_KMS_TIMEOUT',
    `the key service did not answer ${describe(operation)} within ${String(Math.round(waitedMs / 1000))} s; its answers come over the socket, see whether that is open`,
    { retryable: true },
  );

export const kmsNonsense = (operation: KmsOperation, what: string): SdkError =>
  sdkError('ERR_KMS_INVALID', `the key service's answer to ${describe(operation)} ${what}`, {
    retryable: true,
  });
