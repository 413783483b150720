import type { Speakers } from '../audio/speakers.js';
import type { AudioMix, MixEvents, MixMember } from '../port/types.js';
import type { Context, Restorable } from './context.js';
import { createEmitter } from './emitter.js';

/** A mix, and what the engine reports about it. */
export interface Mix extends AudioMix, Restorable {
  onSpeakers(speakers: Speakers): void;
}

export function createMix(
  id: string,
  context: Context,
  transportOf: (slot: string) => string,
  onClose: () => void,
): Mix {
  const emitter = createEmitter<MixEvents>(context.onError);
  const members = new Map<string, MixMember & { muted: boolean }>();
  const tellJoin = ({ participant, track, slot }: MixMember) =>
    context.intend('joinMix', {
      mix: id,
      participant,
      track: track?.id,
      slot: slot?.id,
      transport: slot && transportOf(slot.id),
    });
  const tellMuted = (participant: string, muted: boolean) =>
    context.intend('muteInMix', { mix: id, participant, muted });
  return {
    id,
    track: { id },
    on: (name, listener, options) => emitter.on(name, listener, options),
    join: async (member) => {
      // a participant that was muted stays muted, with whatever track
      const muted = members.get(member.participant)?.muted ?? false;
      members.set(member.participant, { ...member, muted });
      await tellJoin(member);
      if (muted) await tellMuted(member.participant, true);
    },
    leave: async (participant) => {
      members.delete(participant);
      await context.intend('leaveMix', { mix: id, participant });
    },
    setMuted: async (participant, muted) => {
      const member = members.get(participant);
      if (!member) return;
      member.muted = muted;
      await tellMuted(participant, muted);
    },
    close: async () => {
      emitter.removeAll();
      members.clear();
      onClose();
      await context.intend('closeMix', { mix: id });
    },
    onSpeakers: (speakers) => {
      emitter.emit('speakers', speakers);
    },
    restore: () => {
      void context.intend('openMix', { mix: id }).catch(context.onError);
      for (const member of members.values()) {
        void tellJoin(member).catch(context.onError);
        if (member.muted) void tellMuted(member.participant, true).catch(context.onError);
      }
    },
  };
}
