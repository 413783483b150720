import type { CallInit } from '@trunkline/core';
import type { EventSource } from '@trunkline/core/kit';
import type { AttachmentAction } from '@trunkline/wire';

export type { AttachmentAction } from '@trunkline/wire';

export interface AttachmentActionsOptions {
  /**
   * `false`: inputs are sent, and fetched for events, by REST, readable to the service, although `e2ee()` is on the
   * client. Default: encrypted when `e2ee()` is on the client.
   */
  readonly encrypted?: false;
}

/** @source protocol/hydra-rest.md §4 */
export interface AttachmentActionCreate {
  /** what kind of action: the only one there is */
  readonly type: 'submit';
  /** the message whose card it is: one with an `Action.Submit` */
  readonly messageId: string;
  /** what was filled in, by the ids of the card's inputs; none when left out */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /**
   * With `e2ee()` on the client: the room of the message, which is asked for when left out. Not used otherwise.
   */
  readonly roomId?: string;
  /** With `e2ee()` on the client: send by REST all the same, readable to the service. */
  readonly encrypted?: false;
}

export interface AttachmentActionEvents {
  /**
   * Someone sent something off from a card in a room of the signed-in person, who may be that someone. `inputs` are
   * left out when this person may not or cannot read them any more.
   */
  created: AttachmentAction;
}

/**
 * What people send off from cards. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_CLIENT_CLOSED`, as `client.request` does, and `ERR_ARGUMENT` before any request when an id is missing.
 */
export interface AttachmentActions extends EventSource<AttachmentActionEvents> {
  /**
   * Sends off what was filled in, as pressing the card's `Action.Submit` does. With `e2ee()` on the client the inputs
   * leave as ciphertext.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a `messageId`, before any request; `ERR_BAD_REQUEST` when the message has
   *   no card that offers it, `ERR_NOT_FOUND` when it does not exist or the person is not in its room
   * @source protocol/hydra-rest.md §4
   */
  create(action: AttachmentActionCreate, init?: CallInit): Promise<AttachmentAction>;
  /**
   * Returns an action by its id.
   *
   * @param action its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §4
   */
  get(action: string | { readonly id: string }, init?: CallInit): Promise<AttachmentAction>;
}
