import { sheet } from '../stores/ui.js';
import { AddPeople } from './add-people.js';
import { Help } from './help.js';
import { NewDirect } from './new-direct.js';
import { NewRoom } from './new-room.js';
import { Profile } from './profile.js';
import { SendCard } from './send-card.js';
import { Switcher } from './switcher.js';

export function Sheets() {
  switch (sheet.value) {
    case 'new-room':
      return <NewRoom />;
    case 'new-direct':
      return <NewDirect />;
    case 'add-people':
      return <AddPeople />;
    case 'switcher':
      return <Switcher />;
    case 'profile':
      return <Profile />;
    case 'send-card':
      return <SendCard />;
    case 'help':
      return <Help />;
    case undefined:
      return null;
  }
}
