import type { Group } from '../lib/timeline.js';
import { clockTime, fullTime } from '../lib/time.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { AvatarButton } from './avatar.js';
import { MessageItem } from './message-item.js';

export function MessageGroup(props: {
  readonly group: Group;
  readonly chat: Chat;
  readonly inThread?: boolean;
}) {
  const { group, chat, inThread = false } = props;
  const { me, names } = useApp();
  const { personId, personEmail, messages } = group;
  const mine = personId === me.id;
  const name = names.of(personId, personEmail);
  const created = messages[0]?.created ?? '';
  return (
    <section
      class={`group ${mine ? 'mine' : ''}`}
      aria-label={`${mine ? 'You' : name}, ${clockTime(created)}`}
    >
      {!mine && <AvatarButton personId={personId} name={name} title={personEmail} />}
      <div class="group-messages">
        <header class="group-head">
          <strong>{mine ? 'You' : name}</strong>
          <time dateTime={created} title={fullTime(created)}>
            {clockTime(created)}
          </time>
        </header>
        {messages.map((message) => (
          <MessageItem key={message.id} message={message} chat={chat} mine={mine} inThread={inThread} />
        ))}
      </div>
    </section>
  );
}
