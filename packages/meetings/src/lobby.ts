// Waiting to be admitted: the service checks that the user is still there. @source protocol/meetings-signalling.md §4.2
import { isSdkError, type Host } from '@trunkline/core';
import type { LocusSelf } from '@trunkline/wire';

export interface Lobby {
  show(self: LocusSelf | undefined, deviceUrl: string | undefined): void;
  close(): void;
}

export function createLobby(
  host: Pick<Host, 'clock' | 'request'>,
  report: (error: unknown, context: string) => void,
): Lobby {
  let url: string | undefined;
  let cancel: (() => void) | undefined;

  const stop = (): void => {
    url = undefined;
    cancel?.();
    cancel = undefined;
  };
  const schedule = (everyMs: number): void => {
    cancel = host.clock.after(everyMs, () => {
      if (url === undefined) return;
      host.request({ url }).then(
        () => {
          if (url !== undefined) schedule(everyMs);
        },
        (error: unknown) => {
          // a network that is away comes back
          if (isSdkError(error) && error.status === undefined) {
            if (url !== undefined) schedule(everyMs);
            return;
          }
          stop();
          report(error, 'the lobby does not answer any more');
        },
      );
    });
  };
  return {
    show: (self, deviceUrl) => {
      const device = self?.devices.find((one) => one.url === deviceUrl);
      const next = device?.intent?.type === 'WAIT' ? device.keepAliveUrl : undefined;
      if (next === url) return;
      stop();
      url = next;
      const seconds = device?.keepAliveSecs ?? 0;
      // well before the service takes this device for gone
      if (next !== undefined && seconds > 1) schedule((seconds - 1) * 750);
    },
    close: stop,
  };
}
