import { signal } from '@preact/signals';

/** What lies over the page. */
export type Sheet = 'new-room' | 'new-direct' | 'add-people' | 'switcher' | 'help' | 'profile' | 'send-card';
export const sheet = signal<Sheet | undefined>(undefined);

/** Whose profile is shown; oneself when undefined. */
export const personShown = signal<string | undefined>(undefined);
export function showPerson(personId?: string): void {
  personShown.value = personId;
  sheet.value = 'profile';
}

/** The picture that is shown large. */
export const lightbox = signal<{ readonly name: string; readonly url: string } | undefined>(undefined);

/** Said once to who cannot see the page. */
export const announcement = signal('');
export const announce = (text: string): void => {
  announcement.value = text;
};

/** On narrow screens either the list or the room is seen. */
export const showsList = signal(true);

/** Whether someone looks at the page now. */
export const looking = signal(true);
export function watchLooking(): () => void {
  const look = (): void => {
    looking.value = document.visibilityState === 'visible' && document.hasFocus();
  };
  look();
  const events = ['focus', 'blur'] as const;
  for (const type of events) window.addEventListener(type, look);
  document.addEventListener('visibilitychange', look);
  return () => {
    for (const type of events) window.removeEventListener(type, look);
    document.removeEventListener('visibilitychange', look);
  };
}
