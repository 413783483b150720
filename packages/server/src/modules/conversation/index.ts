import type {
  Context,
  Conversations,
  FilePort,
  Identity,
  Mercury,
  NewActivity,
  Routes,
  StoredActivity,
} from '../contracts.js';
import type { Caller } from '../contracts.js';
import type { KmsService } from '../kms/index.js';
import { activityRoutes } from './activity-routes.js';
import { createCreator, type CreateOptions } from './create.js';
import { createJoin } from './join.js';
import { createReads, type ConversationReads } from './reads.js';
import { readRoutes } from './read-routes.js';
import { isMemberByResource, membersAt } from './store.js';
import { createSubmitter } from './submit.js';
import { teamRoutes } from './team-routes.js';
import type { Tools } from './tools.js';
import { writeRoutes } from './write-routes.js';

export { isOpenTo } from './join.js';
export { isGuest, visiblePeople } from './visible-people.js';
export { byTeam, isGeneral } from './team-rooms.js';
export type { ConversationReads } from './reads.js';
export type { ConversationRecord } from './store.js';

/** {@link Conversations}, and what REST and files read of it. */
export interface ConversationService extends Conversations {
  readonly routes: Routes;
  readonly reads: ConversationReads;
  /** Who knows the files that activities show; before the first request. */
  useFiles(port: FilePort): void;
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

const noFiles: FilePort = {
  isOurs: () => false,
  sizeOf: () => Promise.resolve(undefined),
  show: () => Promise.resolve(),
  drop: () => Promise.resolve(),
  dropAll: () => Promise.resolve(),
};

/** @source protocol/conversation.md */
export function createConversations(
  context: Context,
  identity: Identity,
  mercury: Mercury,
  kms: KmsService,
): ConversationService {
  const { store } = context;
  let filePort: FilePort = noFiles;
  const submitter = createSubmitter(context, identity, mercury, kms, () => filePort);
  const create = createCreator(context, identity, kms, submitter);
  const reads = createReads(store);
  kms.useMembership(isMemberByResource);

  const submitAll: ConversationService['submitAll'] = (caller, conversationId, activities) =>
    store.write(
      async (write) => {
        const stored: StoredActivity[] = [];
        for (const activity of activities)
          stored.push((await submitter.perform(write, caller, conversationId, activity, true)).stored);
        await submitter.settle(write, caller, conversationId);
        return stored;
      },
      { repeatable: true },
    );
  const perform: Tools['perform'] = (caller, conversationId, activity) =>
    store.write((write) => submitter.perform(write, caller, conversationId, activity), {
      repeatable: true,
    });
  const submit: Conversations['submit'] = async (caller, conversationId, activity) =>
    (await perform(caller, conversationId, activity)).stored;

  const join = createJoin(context, kms, submitter);
  const joinTeamRoom: Tools['joinTeamRoom'] = (caller, teamId, id) => join(caller, id, teamId);
  const tools = { context, identity, kms, mercury, reads, create, joinTeamRoom, perform };
  return {
    reads,
    create,
    join: (caller, conversationId) => join(caller, conversationId),
    submit,
    submitAll,
    useFiles: (port) => {
      filePort = port;
    },
    membersAt: (conversationId, pos) => membersAt(store.db, conversationId, pos),
    routes: (app) => {
      readRoutes(tools)(app);
      activityRoutes(tools)(app);
      writeRoutes(tools)(app);
      teamRoutes(tools)(app);
    },
  };
}
