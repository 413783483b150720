import { isDark, switchTheme, theme } from '../stores/theme.js';
import { IconButton } from './icon.js';

export function ThemeSwitch() {
  const dark = theme.value === 'system' ? isDark() : theme.value === 'dark';
  return (
    <IconButton
      icon={dark ? 'sun' : 'moon'}
      label={dark ? 'Light colours' : 'Dark colours'}
      onClick={switchTheme}
    />
  );
}
