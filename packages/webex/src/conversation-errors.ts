import type { ErrorCode, SdkError } from '@trunkline/core';

const mark = Symbol.for('trunkline.error');

/** A conversation could not be created because none of the other people could be found. */
export class InvalidUserCreation extends Error implements SdkError {
  override readonly name = 'InvalidUserCreation';
  readonly code: ErrorCode = 'ERR_NOT_FOUND';
  readonly retryable = false;
  declare readonly [mark]: true;

  constructor(cause: unknown) {
    super(
      'conversation.create: none of participants could be found. Give uuids or email addresses of people with an account.',
      { cause },
    );
    Object.defineProperty(this, mark, { value: true });
  }
  toJSON(): object {
    const { name, code, message, retryable } = this;
    return { name, code, message, retryable };
  }
}
