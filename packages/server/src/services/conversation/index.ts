import type {
  Context,
  Conversations,
  Identity,
  Mercury,
  NewActivity,
  Routes,
  StoredActivity,
} from '../contracts.js';
import type { Caller } from '../contracts.js';
import type { KmsService } from '../kms/index.js';
import { createCreator, type CreateOptions } from './create.js';
import { createJoin } from './join.js';
import { createReads, type ConversationReads } from './reads.js';
import { readRoutes } from './read-routes.js';
import { isMemberByResource, membersAt } from './store.js';
import { createSubmitter } from './submit.js';
import { writeRoutes } from './write-routes.js';

export { isOpenTo } from './join.js';
export { byTeam, isGeneral } from './team-rooms.js';
export type { ConversationReads } from './reads.js';
export type { ConversationRecord } from './store.js';

/** {@link Conversations}, and what REST and files read of it. */
export interface ConversationService extends Conversations {
  readonly routes: Routes;
  readonly reads: ConversationReads;
  create(caller: Caller, options: CreateOptions): ReturnType<Conversations['create']>;
  /** Into a public room of one's organisation. @throws ApiError 404 where it is none, 409 when in already */
  join(caller: Caller, conversationId: string): Promise<void>;
  /** Several in one write: all of them, or none. */
  submitAll(
    caller: Caller,
    conversationId: string,
    activities: readonly NewActivity[],
  ): Promise<readonly StoredActivity[]>;
}

/** @source protocol/conversation.md */
export function createConversations(
  context: Context,
  identity: Identity,
  mercury: Mercury,
  kms: KmsService,
): ConversationService {
  const { store } = context;
  const submitter = createSubmitter(context, identity, mercury, kms);
  const create = createCreator(context, identity, kms, submitter);
  const reads = createReads(store);
  kms.useMembership(isMemberByResource);

  const submitAll: ConversationService['submitAll'] = (caller, conversationId, activities) =>
    store.write(
      async (write) => {
        const stored: StoredActivity[] = [];
        for (const activity of activities)
          stored.push((await submitter.perform(write, caller, conversationId, activity)).stored);
        return stored;
      },
      { repeatable: true },
    );
  const submit: Conversations['submit'] = (caller, conversationId, activity) =>
    store.write(async (write) => (await submitter.perform(write, caller, conversationId, activity)).stored, {
      repeatable: true,
    });

  const tools = { context, identity, mercury, reads, create, submit };
  return {
    reads,
    create,
    join: createJoin(context, kms, submitter),
    submit,
    submitAll,
    membersAt: (conversationId, pos) => membersAt(store.db, conversationId, pos),
    routes: (app) => {
      readRoutes(tools)(app);
      writeRoutes(tools)(app);
    },
  };
}
