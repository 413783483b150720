import { isSdkError, type SdkError } from '@trunkline/core';

/**
 * The error that this work ends with, and it does end: typed, with a code, and with words that say more than the code,
 * none of them the token.
 */
export async function refusal(work: Promise<unknown>, secret?: string, withinMs = 10_000): Promise<SdkError> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`timed out after ${String(withinMs)} ms`));
    }, withinMs);
  });
  try {
    await Promise.race([work, limit]);
  } catch (error) {
    if (!isSdkError(error)) throw error;
    const said = `${error.message} ${JSON.stringify(error)} ${String(error.stack)} ${String(error.cause)}`;
    if (secret !== undefined && said.includes(secret)) throw new Error('the token is in the error');
    if (!error.code.startsWith('ERR_') || error.message.length < 20)
      throw new Error(`an error that says nothing: ${error.code} ${error.message}`);
    return error;
  } finally {
    clearTimeout(timer);
  }
  throw new Error('it did not fail');
}
