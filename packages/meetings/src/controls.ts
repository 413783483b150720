// What hosts decide, and what everybody can show.
import type { CallInit } from '@trunkline/core';
import { checkArguments, randomUuid, type ParameterRules } from '@trunkline/core/kit';
import type { Locus, ReactionType } from '@trunkline/wire';
import { meetingError } from './errors.js';
import { requests } from './requests.js';
import type { Signalling } from './signalling.js';

/** Settings of a meeting, for hosts. Left out: stays as it is. */
export interface MeetingSettings {
  readonly muteOnEntry?: boolean;
  /** Whether participants may unmute themselves. */
  readonly allowUnmute?: boolean;
  readonly allowRaiseHand?: boolean;
  readonly allowReactions?: boolean;
  readonly allowVideo?: boolean;
  /** Who may share a screen. */
  readonly sharing?: 'anyone' | 'hosts';
  readonly showRoster?: boolean;
}

/** Controls of a meeting. Hosts and co-hosts only, but for `sendReaction`, `setLayout` and phones. */
export interface Controls {
  /** Locks: people who come wait in the lobby. */
  lock(init?: CallInit): Promise<void>;
  /** Unlocks. */
  unlock(init?: CallInit): Promise<void>;
  /** Mutes all participants but hosts. */
  muteAll(init?: CallInit): Promise<void>;
  /** Asks everyone to unmute. */
  askAllToUnmute(init?: CallInit): Promise<void>;
  /** Changes settings; those that are left out stay. */
  configure(settings: MeetingSettings, init?: CallInit): Promise<void>;
  /** Starts a recording. */
  startRecording(init?: CallInit): Promise<void>;
  /** Ends the recording. */
  stopRecording(init?: CallInit): Promise<void>;
  /** Pauses: silence and a black picture until it goes on. */
  pauseRecording(init?: CallInit): Promise<void>;
  /** Goes on recording. */
  resumeRecording(init?: CallInit): Promise<void>;
  /** Shows a reaction to everyone. @param type one of `reactionTypes`; the service refuses others */
  sendReaction(type: ReactionType, init?: CallInit): Promise<void>;
  /** How you see the meeting: the service of Trunkline forwards one picture, and refuses layouts that need more. */
  setLayout(
    type: 'Single' | 'ActivePresence' | 'Equal' | 'Prominent' | 'OnePlusN',
    init?: CallInit,
  ): Promise<void>;
  /** Joins sound by phone: dials in, or (with a number) has the service call you. Returns what `leavePhone` takes. */
  usePhone(phoneNumber?: string, init?: CallInit): Promise<string>;
  /** Hangs up a phone. @param phone as `usePhone` returned it */
  leavePhone(phone: string, init?: CallInit): Promise<void>;
}

const rules: ParameterRules<Controls> = {
  lock: '',
  unlock: '',
  muteAll: '',
  askAllToUnmute: '',
  configure: 'settings:object',
  startRecording: '',
  stopRecording: '',
  pauseRecording: '',
  resumeRecording: '',
  sendReaction: 'type:text',
  setLayout: 'type:text',
  usePhone: 'phoneNumber?:text',
  leavePhone: 'phone:text',
};

const enabled = (value: boolean | undefined): { readonly enabled: boolean } | undefined =>
  value === undefined ? undefined : { enabled: value };

export function createControls(
  { send }: Pick<Signalling, 'send'>,
  current: () => Locus | undefined,
): Controls {
  const control = (controls: object, init?: CallInit): Promise<void> =>
    send((now) => requests.controls(now, controls), init);
  const record = (recording: boolean, paused: boolean, init?: CallInit): Promise<void> =>
    control({ record: { recording, paused } }, init);
  return checkArguments('meeting', rules, {
    lock: (init) => control({ lock: { locked: true } }, init),
    unlock: (init) => control({ lock: { locked: false } }, init),
    muteAll: (init) => control({ audio: { muted: true } }, init),
    askAllToUnmute: (init) => control({ audio: { muted: false } }, init),
    configure: (settings, init) => {
      const { muteOnEntry, allowUnmute, allowRaiseHand, allowReactions, allowVideo, sharing, showRoster } =
        settings;
      return control(
        {
          muteOnEntry: enabled(muteOnEntry),
          disallowUnmute: enabled(allowUnmute === undefined ? undefined : !allowUnmute),
          raiseHand: enabled(allowRaiseHand),
          reactions: enabled(allowReactions),
          video: enabled(allowVideo),
          viewTheParticipantList: enabled(showRoster),
          ...(sharing !== undefined && {
            shareControl: { control: sharing === 'anyone' ? 'ANYONE' : 'MODERATOR_PRESENTER' },
          }),
        },
        init,
      );
    },
    startRecording: (init) => record(true, false, init),
    stopRecording: (init) => record(false, false, init),
    pauseRecording: (init) => record(true, true, init),
    resumeRecording: (init) => record(true, false, init),
    sendReaction: async (type, init) => {
      const url = current()?.controls.reactions?.reactionChannelUrl;
      if (url === undefined)
        throw meetingError('ERR_MEETING_STATE', 'meeting', 'sendReaction: this meeting has no reactions.');
      await send((now) => requests.reaction(now, url, { type }), init);
    },
    setLayout: (type, init) => send((now) => requests.layout(now, type), init),
    usePhone: async (phoneNumber, init) => {
      const url = `${phoneNumber === undefined ? 'dialin' : 'dialout'}:///${randomUuid()}`;
      const phone = { url, ...(phoneNumber !== undefined && { dialoutAddress: phoneNumber }) };
      await send((now) => requests.phone(now, phone), init);
      return url;
    },
    leavePhone: (url, init) => send((now) => requests.leavePhone(now, url), init),
  });
}
