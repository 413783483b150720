import { isSdkError, sdkError, type ErrorCode } from '@trunkline/core';
import { lyraRefusals } from '@trunkline/wire';

const codes: ReadonlyMap<number, readonly [ErrorCode, string]> = new Map([
  [lyraRefusals.wrongPin, ['ERR_WRONG_PIN', 'the PIN is wrong']],
  [lyraRefusals.pinOver, ['ERR_PIN_EXPIRED', 'there is no PIN to tell (any more)']],
  [lyraRefusals.notPaired, ['ERR_NOT_PAIRED', 'this client is not paired with the device']],
]);

/** The same refusal under the name that says what it is; anything else as it is. */
export function named(error: unknown, call: string, pin = false): unknown {
  if (!isSdkError(error) || error.status !== 403) return error;
  // another cloud does not number its refusals: 403 in response to a PIN means that it was wrong
  const [code, text] = codes.get(error.errorCode ?? 0) ?? (pin ? ['ERR_WRONG_PIN', 'the PIN is wrong'] : []);
  if (code === undefined) return error;
  return sdkError(code, `devices.${call}: ${text ?? ''}: ${error.message}`, {
    cause: error,
    status: error.status,
    errorCode: error.errorCode,
  });
}
