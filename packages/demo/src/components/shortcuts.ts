import { useEffect } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { sheet } from '../stores/ui.js';

/** For the help sheet, and the promise of `useShortcuts`. */
export const shortcuts: readonly (readonly [keys: string, what: string])[] = [
  ['Ctrl + K', 'Find a room'],
  ['Alt + ↑ / ↓', 'The room above or below'],
  ['Alt + N', 'New room'],
  ['Enter', 'Send'],
  ['Shift + Enter', 'New line'],
  ['↑ in an empty field', 'Edit your last message'],
  ['Esc', 'Close what is open, give up an edit'],
  ['↑ / ↓ on a message', 'The message above or below'],
  ['+ on a message', 'React'],
  ['T on a message', 'Answer in a thread'],
  ['Ctrl + I', 'Inspector'],
  ['?', 'This help'],
];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function useShortcuts(): void {
  const { rooms, inspector } = useApp();
  useEffect(() => {
    const run = (event: KeyboardEvent): boolean => {
      const { key, altKey } = event;
      const command = (event.ctrlKey || event.metaKey) && !altKey && !event.shiftKey;
      if (command && key.toLowerCase() === 'k')
        sheet.value = sheet.value === 'switcher' ? undefined : 'switcher';
      else if (command && key.toLowerCase() === 'i') inspector.isOpen.value = !inspector.isOpen.value;
      else if (altKey && (key === 'ArrowUp' || key === 'ArrowDown')) rooms.step(key === 'ArrowUp' ? -1 : 1);
      else if (altKey && key.toLowerCase() === 'n') sheet.value = 'new-room';
      else if (key === '?' && !isTyping(event.target) && sheet.value === undefined) sheet.value = 'help';
      else if (
        key === 'Escape' &&
        sheet.value === undefined &&
        inspector.isOpen.value &&
        !isTyping(event.target)
      )
        inspector.isOpen.value = false;
      else return false;
      return true;
    };
    const listen = (event: KeyboardEvent): void => {
      if (run(event)) event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => {
      window.removeEventListener('keydown', listen);
    };
  }, [rooms, inspector]);
}
