import { useApp } from '../session/app-context.js';
import { signOut } from '../session/session.js';
import { sheet } from '../stores/ui.js';
import { Avatar } from './avatar.js';
import { IconButton } from './icon.js';
import { Logo } from './logo.js';
import { RoomList } from './room-list.js';
import { ThemeSwitch } from './theme-switch.js';

export function Sidebar() {
  const { me, inspector } = useApp();
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
        <Avatar name={me.displayName} />
        <span class="me" data-testid="me">
          <strong>{me.displayName}</strong>
          <span class="quiet">{me.emails[0]}</span>
        </span>
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
