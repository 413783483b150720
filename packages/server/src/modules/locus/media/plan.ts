// Who sees whom. Pure: from the meeting and from who spoke last.
import { isIn, type Meeting } from '../model.js';
import { holds } from '../rules/floor.js';

/** What is known of one device's media. */
export interface LegView {
  readonly deviceKey: string;
  /** sends sound, a picture of its user, a screen */
  readonly sendsAudio: boolean;
  readonly sendsVideo: boolean;
  readonly sendsSlides: boolean;
}

/** What one device gets: keys of the devices whose picture and screen it sees. */
export interface Sight {
  readonly video?: string;
  readonly slides?: string;
}

export interface MediaPlan {
  readonly sights: ReadonlyMap<string, Sight>;
  /** devices whose sound is not sent on */
  readonly muted: ReadonlySet<string>;
  /** what a recording shows: a screen before people */
  readonly recorded: { readonly deviceKey: string; readonly kind: 'video' | 'slides' } | undefined;
}

/**
 * @param legs in the order in which they came
 * @param speakers device keys, the one who spoke last first
 */
export function planMedia(
  meeting: Meeting,
  legs: readonly LegView[],
  speakers: readonly string[],
): MediaPlan {
  const owners = new Map(
    meeting.participants
      .filter(isIn)
      .flatMap((participant) =>
        participant.devices.flatMap((device) =>
          device.state === 'JOINED' ? [[device.key, participant] as const] : [],
        ),
      ),
  );
  const live = legs.filter(({ deviceKey }) => owners.has(deviceKey));
  const isMuted = (deviceKey: string, kind: 'audio' | 'video'): boolean => {
    const mute = owners.get(deviceKey)?.[kind];
    return mute === undefined || mute.localMuted || mute.remoteMuted;
  };
  const shown = live.filter(({ deviceKey, sendsVideo }) => sendsVideo && !isMuted(deviceKey, 'video'));
  const rank = ({ deviceKey }: LegView): number => {
    const at = speakers.indexOf(deviceKey);
    return at === -1 ? Infinity : at;
  };
  const ranked = [...shown].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  const content = holds(meeting.content) ? meeting.content : undefined;
  const sharing = live.find(({ deviceKey, sendsSlides }) => sendsSlides && deviceKey === content?.deviceKey);
  const sights = live.map(({ deviceKey }): readonly [string, Sight] => {
    const other = ranked.find((leg) => owners.get(leg.deviceKey)?.id !== owners.get(deviceKey)?.id);
    return [
      deviceKey,
      {
        ...(other && { video: other.deviceKey }),
        ...(sharing && sharing.deviceKey !== deviceKey && { slides: sharing.deviceKey }),
      },
    ];
  });
  const [first] = ranked;
  return {
    sights: new Map(sights),
    muted: new Set(
      live.filter(({ deviceKey }) => isMuted(deviceKey, 'audio')).map(({ deviceKey }) => deviceKey),
    ),
    recorded:
      sharing !== undefined
        ? { deviceKey: sharing.deviceKey, kind: 'slides' }
        : first && { deviceKey: first.deviceKey, kind: 'video' },
  };
}
