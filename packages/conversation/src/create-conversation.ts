import type { Host } from '@trunkline/core';
import { createContext } from './context.js';
import { creating } from './creating.js';
import { fillGap } from './gap.js';
import { createInbox } from './inbox.js';
import { createMessages } from './messages.js';
import { reactions } from './reactions.js';
import { reading } from './reading.js';
import { createShare } from './share/share.js';
import type { ConversationOptions } from './share/types.js';
import { threads } from './threads.js';
import type { Conversation } from './types.js';
import { typing } from './typing.js';
import { writing } from './writing.js';

/** The engine on one client: each part is a file of its own. */
export function createConversation(host: Host, options?: ConversationOptions): Conversation {
  const context = createContext(host);
  const { heads, outbox, encryption, encryptionIfAny } = context;
  // a share takes its place when its files are there: words need not wait for a long upload
  const sharing = createShare(host, heads, encryption, outbox.submitInOrder, options);
  let leaveGaps: (() => void) | undefined;
  const inbox = createInbox(host, heads, encryptionIfAny, (wanted) => {
    if (wanted) {
      leaveGaps = host.onGap(onGap);
      messages.prepare();
    } else leaveGaps?.();
  });

  // while a gap is filled, what arrives live is newer and waits
  let filling: Promise<void> | undefined;
  host.onWire('conversation.activity', ({ activity }) =>
    filling === undefined ? inbox.take(activity) : filling.then(() => inbox.take(activity)),
  );
  const onGap: Parameters<Host['onGap']>[0] = (gap) => {
    const filled = (filling ?? Promise.resolve()).then(() => fillGap(host, inbox, gap));
    const over = (): void => {
      if (filling === held) filling = undefined;
    };
    const held: Promise<void> = filled.then(over, over);
    filling = held;
    return filled;
  };

  const reads = reading(context);
  const reacts = reactions(context);
  const conversation: Omit<Conversation, 'messages'> = {
    ...creating(context),
    ...reads,
    ...reacts,
    ...threads(context, { ...reads, ...reacts }),
    ...writing(context, sharing),
    ...typing(context),
    share: (...call) => sharing.share(...call),
    download: (...call) => sharing.download(...call),
    downloadThumbnail: (...call) => sharing.downloadThumbnail(...call),
    onActivity: (listener) => inbox.on(listener),
  };
  const messages = createMessages(host, conversation, encryptionIfAny);
  return { ...conversation, messages };
}
