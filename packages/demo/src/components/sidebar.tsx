import { useApp } from '../session/app-context.js';
import { signOut } from '../session/session.js';
import { sheet, showPerson } from '../stores/ui.js';
import { PersonAvatar } from './avatar.js';
import { IconButton } from './icon.js';
import { Logo } from './logo.js';
import { RoomList } from './room-list.js';
import { ThemeSwitch } from './theme-switch.js';

export function Sidebar() {
  const { me, inspector, names } = useApp();
  const name = names.of(me.id, me.displayName);
  return (
    <aside class="sidebar" aria-label="Rooms and you">
      <header class="sidebar-head">
        <Logo size={30} />
        <strong class="wordmark">Trunkline</strong>
        <IconButton
          icon="search"
          label="Find a room"
          keys="Ctrl+K"
          onClick={() => (sheet.value = 'switcher')}
        />
        <IconButton icon="people" label="Write to a person" onClick={() => (sheet.value = 'new-direct')} />
        <IconButton icon="add" label="New room" keys="Alt+N" onClick={() => (sheet.value = 'new-room')} />
      </header>
      <RoomList />
      <footer class="sidebar-foot">
        <button
          type="button"
          class="me-button"
          title="Your profile and status"
          onClick={() => {
            showPerson();
          }}
        >
          <PersonAvatar personId={me.id} name={name} />
          <span class="me" data-testid="me">
            <strong>{name}</strong>
            <span class="quiet">{me.emails[0]}</span>
          </span>
        </button>
        <IconButton
          icon="inspect"
          label="Inspector"
          keys="Ctrl+I"
          pressed={inspector.isOpen.value}
          onClick={() => (inspector.isOpen.value = !inspector.isOpen.value)}
        />
        <ThemeSwitch />
        <IconButton icon="help" label="Help" keys="?" onClick={() => (sheet.value = 'help')} />
        <IconButton icon="out" label="Sign out" onClick={() => void signOut()} />
      </footer>
    </aside>
  );
}
