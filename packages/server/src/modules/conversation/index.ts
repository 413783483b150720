import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs, type Routes } from '../../kernel/module.js';
import { activityRoutes } from './activity-routes.js';
import type { Conversations, StoredActivity } from './api.js';
import { createCreator } from './create.js';
import { createJoin } from './join.js';
import { migrations } from './migrations/index.js';
import { readRoutes } from './read-routes.js';
import { createReads } from './reads.js';
import { createSubmitter } from './submit.js';
import { teamRoutes } from './team-routes.js';
import type { Tools } from './tools.js';
import { writeRoutes } from './write-routes.js';

/** @source protocol/conversation.md */
export const conversation = defineModule({
  name: 'conversation',
  migrations,
  needs: ['audience', 'files', 'identity', 'kms', 'mercury'],
  setup: createConversations,
});

function createConversations(
  kernel: Kernel,
  needs: Needs<'audience' | 'files' | 'identity' | 'kms' | 'mercury'>,
) {
  const { audience, files, identity, kms, mercury } = needs;
  const { store } = kernel;
  const submitter = createSubmitter(kernel, { files, identity, kms, mercury });
  const create = createCreator(kernel, { audience, identity, kms }, submitter);
  const reads = createReads(store);

  const submitAll: Conversations['submitAll'] = (caller, conversationId, activities) =>
    store.write(
      async (write) => {
        const stored: StoredActivity[] = [];
        for (const activity of activities)
          stored.push((await submitter.perform(write, caller, conversationId, activity, true)).stored);
        await submitter.concludeLeaves(write, caller, conversationId);
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

  const join = createJoin(kernel, kms, submitter);
  const joinTeamRoom: Tools['joinTeamRoom'] = (caller, teamId, id) => join(caller, id, teamId);
  const tools = { kernel, identity, kms, mercury, reads, create, joinTeamRoom, perform };
  const api: Conversations = {
    reads,
    create,
    join: (caller, conversationId) => join(caller, conversationId),
    submit,
    submitAll,
  };
  const routes: Routes = (app) => {
    readRoutes(tools)(app);
    activityRoutes(tools)(app);
    writeRoutes(tools)(app);
    teamRoutes(tools)(app);
  };
  return { api, routes: [routes] };
}
