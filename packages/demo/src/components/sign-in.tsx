import type { DemoConfig } from '../session/config.js';
import { signIn } from '../session/session.js';
import { Avatar } from './avatar.js';
import { Logo } from './logo.js';
import { ThemeSwitch } from './theme-switch.js';

export function SignIn({ config, leaving }: { readonly config: DemoConfig; readonly leaving: boolean }) {
  return (
    <main class="gate">
      <div class="gate-corner">
        <ThemeSwitch />
      </div>
      <div class="gate-card">
        <Logo />
        <h1>Trunkline</h1>
        <p>A messenger on your own service. Your messages leave this page encrypted.</p>
        <button class="button primary wide" type="button" disabled={leaving} onClick={() => void signIn()}>
          {leaving ? 'Opening the sign-in page…' : 'Sign in'}
        </button>
        {config.people.length > 0 && (
          <section class="gate-people" aria-label="Demo people">
            <p class="quiet">
              The people of this demo. Choose one; the passwords are printed in the terminal. In a second
              window, sign in as another person.
            </p>
            <ul>
              {config.people.map(({ name, email }) => (
                <li key={email}>
                  <button
                    class="gate-person"
                    type="button"
                    disabled={leaving}
                    data-testid="demo-person"
                    onClick={() => void signIn(email)}
                  >
                    <Avatar name={name} />
                    <span>
                      <strong>{name}</strong>
                      <span class="quiet">{email}</span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      <p class="quiet gate-foot">
        Service <code>{config.service}</code>
      </p>
    </main>
  );
}
