import { exampleCards } from '../lib/example-cards.js';
import { useApp } from '../session/app-context.js';
import { sheet } from '../stores/ui.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';

/** Cards to send into the open room. */
export function SendCard() {
  const { rooms, chats } = useApp();
  const room = rooms.active.value;
  if (room === undefined) return null;
  return (
    <Dialog title="Send a card">
      <ul>
        {exampleCards.map(({ name, about, text, card }) => (
          <li key={name}>
            <button
              type="button"
              class="offer"
              onClick={() => {
                chats.of(room.id).sending.sendCard(text, card);
                sheet.value = undefined;
              }}
            >
              <Icon name="card" />
              <span>{name}</span>
              <span class="quiet">{about}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
