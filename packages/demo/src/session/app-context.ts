import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { App } from './create-app.js';

export const AppContext = createContext<App | undefined>(undefined);

/** The signed-in app, for every component below the session. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('useApp is for components of a session');
  return app;
}
