import type { Store } from '../../kernel/store/index.js';

export { wasMember } from './store.js';

/** Who is in which conversation: read by mercury, kms and files, written by the conversation module. */
export interface Audience {
  /** ids of those who are in the conversation at `pos`; the tags they set for themselves, where they did */
  membersAt(conversationId: string, pos: number): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Whether this user is in the conversation now. */
  isMember(conversationId: string, userId: string): Promise<boolean>;
  /** The same by the resource that owns a conversation's keys; undefined when it belongs to no conversation. */
  readonly isMemberByResource: (
    db: Store['db'],
    kroUrl: string,
    userId: string,
  ) => Promise<boolean | undefined>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly audience: Audience;
  }
}
