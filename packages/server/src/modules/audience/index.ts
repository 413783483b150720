import { defineModule } from '../../kernel/module.js';
import type { Audience } from './api.js';
import { isMember, isMemberByResource, membersAt } from './store.js';

/** Who is in which conversation. */
export const audience = defineModule({
  name: 'audience',
  setup: ({ store }) => {
    const api: Audience = {
      membersAt: (conversationId, pos) => membersAt(store.db, conversationId, pos),
      isMember: (conversationId, userId) => isMember(store.db, conversationId, userId),
      isMemberByResource,
    };
    return { api };
  },
});
