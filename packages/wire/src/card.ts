// Adaptive cards and what is sent off from them. @source protocol/hydra-rest.md §3.3, §4

/** The content type of an adaptive card in a message. */
export const cardContentType = 'application/vnd.microsoft.card.adaptive';

/** An attachment action: someone pressed a card's `Action.Submit`. */
export interface AttachmentAction {
  readonly id: string;
  readonly type: 'submit' | (string & {});
  /** the message the card belongs to */
  readonly messageId: string;
  /** what was filled in, by input id; absent where this client could not read it */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly personId: string;
  readonly roomId: string;
  /** ISO 8601 */
  readonly created: string;
}
