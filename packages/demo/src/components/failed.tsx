import { explain } from '../lib/explain.js';
import { startSession } from '../session/session.js';
import { Logo } from './logo.js';

/** The page could not begin at all. */
export function Failed({ error }: { readonly error: unknown }) {
  return (
    <main class="gate">
      <div class="gate-card" role="alert">
        <Logo />
        <h1>This did not start</h1>
        <p>{explain(error)}</p>
        <button class="button primary" type="button" onClick={() => void startSession()}>
          Try again
        </button>
      </div>
    </main>
  );
}
