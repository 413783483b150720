import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { signIn } from '../session/session.js';
import { Icon, type IconName } from './icon.js';

interface Notice {
  readonly tone: 'info' | 'warn' | 'bad';
  readonly icon: IconName;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** One line over everything while the connection is anything but open. */
export function Banner() {
  const notice = useNotice();
  return (
    <div class="banner-place" role="status" aria-live="polite">
      {notice && (
        <div class={`banner ${notice.tone}`}>
          <Icon name={notice.icon} size={18} />
          <span>{notice.text}</span>
          {notice.action && (
            <button class="button small" type="button" onClick={notice.action.run}>
              {notice.action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function useNotice(): Notice | undefined {
  const { connection } = useApp();
  const { state, wasOpen, retryAtMs, reason } = connection.status.value;
  const seconds = useSecondsUntil(state === 'waiting' ? retryAtMs : undefined);
  const again = { label: 'Retry now', run: connection.retryNow };
  if (connection.authExpired.value)
    return {
      ...{ tone: 'bad', icon: 'lock', text: 'Your sign-in has ended. What you see is from before.' },
      action: { label: 'Sign in again', run: () => void signIn() },
    };
  switch (state) {
    case 'open':
      return connection.maintenance.value
        ? {
            tone: 'info',
            icon: 'retry',
            text: 'The service is being restarted. Changing over to a new connection…',
          }
        : undefined;
    case 'idle':
    case 'connecting':
    case 'waiting': {
      if (!navigator.onLine)
        return {
          ...{ tone: 'warn', icon: 'warn' },
          text: 'This computer is offline. The connection comes back with the network.',
        };
      // the first time is not worth an alarm
      if (!wasOpen && state !== 'waiting') return { tone: 'info', icon: 'retry', text: 'Connecting…' };
      const when = seconds > 0 ? `Trying again in ${String(seconds)} s.` : 'Trying again…';
      return {
        ...{ tone: 'warn', icon: 'warn', action: again },
        text: `No connection to the service. ${when} What you write now is sent then.`,
      };
    }
    case 'closed':
      return reason === 'replaced'
        ? {
            ...{ tone: 'warn', icon: 'warn', text: 'This conversation goes on in another window.' },
            action: { label: 'Use it here', run: connection.retryNow },
          }
        : {
            ...{ tone: 'bad', icon: 'warn', text: 'The service has closed the connection.' },
            action: { label: 'Connect again', run: connection.retryNow },
          };
  }
}

function useSecondsUntil(atMs: number | undefined): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (atMs === undefined) return undefined;
    const timer = setInterval(() => {
      tick((count) => count + 1);
    }, 250);
    return () => {
      clearInterval(timer);
    };
  }, [atMs]);
  return atMs === undefined ? 0 : Math.max(0, Math.ceil((atMs - Date.now()) / 1000));
}
