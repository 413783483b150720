import { render } from 'preact';
import { Root } from './components/root.js';
import { startSession } from './session/session.js';
import { startTheme } from './stores/theme.js';

startTheme();
const place = document.getElementById('app');
if (place) render(<Root />, place);
void startSession();
