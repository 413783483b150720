// Sharing a screen: the picture flows first, then the floor is taken. @source protocol/meetings-signalling.md §4.4
import { isSdkError, type CallInit } from '@trunkline/core';
import { randomUuid } from '@trunkline/core/kit';
import type { Screen } from '@trunkline/media';
import type { Locus } from '@trunkline/wire';
import { meetingError } from './errors.js';
import type { MediaPart } from './media-part.js';
import type { ShareState } from './model.js';
import { requests } from './requests.js';
import type { Signalling } from './signalling.js';

export interface Share {
  start(screen: Screen, init?: CallInit): Promise<void>;
  stop(init?: CallInit): Promise<void>;
  /** The floor, as the service says it. */
  show(state: ShareState): void;
  close(): void;
}

export function createShare(
  { context, send }: Pick<Signalling, 'context' | 'send'>,
  media: Pick<MediaPart, 'share'>,
  current: () => Locus | undefined,
  report: (error: unknown, context: string) => void,
): Share {
  let sharing:
    { readonly screen: Screen; readonly instanceId: string; hasFloor: boolean; off: () => void } | undefined;
  // one change at a time
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (run: () => Promise<void>): Promise<void> => {
    const result = turn.then(run);
    turn = result.catch(() => undefined);
    return result;
  };

  const shareUrl = (): string => {
    const url = current()?.mediaShares.find(({ name }) => name === 'content')?.url;
    if (url === undefined)
      throw meetingError(
        'ERR_MEETING_STATE',
        'meeting',
        'startShare: nothing can be shared in this meeting.',
      );
    return url;
  };

  /** Stops sending. The screen itself is the app's; it is stopped, because no one sees it any more. */
  async function withdraw(release: boolean, init?: CallInit): Promise<void> {
    const ending = sharing;
    if (ending === undefined) return;
    sharing = undefined;
    ending.off();
    ending.screen.stop();
    try {
      if (release && ending.hasFloor)
        await send((now) => requests.floor(now, shareUrl(), 'RELEASED', ending.instanceId), init);
    } finally {
      await media.share(undefined);
    }
  }
  const withdrawLater = (release: boolean): void => {
    inTurn(() => withdraw(release)).catch((error: unknown) => {
      report(error, 'a share could not be ended');
    });
  };

  return {
    start: async (screen, init) => {
      context();
      // the picker needs the click that is being handled now
      if (screen.state !== 'live') await screen.start();
      return inTurn(async () => {
        // a double click
        if (sharing?.screen === screen && sharing.hasFloor) return;
        if (sharing !== undefined) await withdraw(false);
        const mine = {
          screen,
          instanceId: randomUuid(),
          hasFloor: false,
          off: screen.on('ended', () => {
            if (sharing === mine) withdrawLater(true);
          }),
        };
        sharing = mine;
        try {
          await media.share(screen);
          await send((now) => requests.floor(now, shareUrl(), 'GRANTED', mine.instanceId), init);
          mine.hasFloor = true;
        } catch (error) {
          // without an answer the service may have given the floor
          mine.hasFloor = isSdkError(error) && error.status === undefined;
          await withdraw(true).catch(() => undefined);
          throw error;
        }
        // stopped while the floor was being taken
        if ((screen.state as string) !== 'live') await withdraw(true);
      });
    },
    stop: (init) => inTurn(() => withdraw(true, init)),
    show: (state) => {
      if (sharing?.hasFloor === true && state !== 'local') withdrawLater(false);
    },
    close: () => {
      const ending = sharing;
      sharing = undefined;
      ending?.off();
      ending?.screen.stop();
    },
  };
}
