import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const key = 'trunkline-demo.theme';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

const read = (): Theme => {
  try {
    return themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system'; // storage is switched off in this browser
  }
};

export const theme = signal<Theme>('system');

export function startTheme(): void {
  theme.value = read();
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    try {
      localStorage.setItem(key, theme.value);
    } catch {
      // not remembered then
    }
  });
}

export const isDark = (): boolean =>
  theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);

export const switchTheme = (): void => {
  theme.value = isDark() ? 'light' : 'dark';
};
