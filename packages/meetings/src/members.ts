import { checkArguments, createEmitter, type ParameterRules } from '@trunkline/core/kit';
import type { CallInit, Listenable } from '@trunkline/core';
import type { Locus } from '@trunkline/wire';
import { createMember, memberValues, type Member } from './member.js';
import { requests } from './requests.js';
import type { Signalling } from './signalling.js';

export interface MembersEvents {
  /** People came, changed or went; each change of the meeting once. */
  update: {
    readonly added: readonly Member[];
    readonly updated: readonly Member[];
    readonly removed: readonly Member[];
  };
}

/** Who is in a meeting, waits for it or is called to it. All calls throw what the service refuses, as `client.request`. */
export interface Members extends Listenable<MembersEvents> {
  /** Everybody by id, in the order in which they came; those who left are kept. */
  readonly all: readonly Member[];
  /** Those who are in. */
  readonly joined: readonly Member[];
  /** Those who wait to be admitted; only hosts see them. */
  readonly lobby: readonly Member[];
  /** Yourself, once joined. */
  readonly self: Member | undefined;
  /** Finds a member by id. */
  get(id: string): Member | undefined;
  /** Calls a user in. @param address an email address, a SIP address or a phone number */
  add(address: string, init?: CallInit): Promise<void>;
  /** Withdraws a call. @param address as it was given to `add`, or the member's id */
  cancel(address: string, init?: CallInit): Promise<void>;
  /** Lets people in from the lobby. @param ids of members */
  admit(ids: readonly string[], init?: CallInit): Promise<void>;
  /** Sends a member back to the lobby. */
  moveToLobby(id: string, init?: CallInit): Promise<void>;
  /** Removes a user from the meeting. */
  remove(id: string, init?: CallInit): Promise<void>;
  /** Mutes a member, or asks them to unmute: no one can open the microphone of another person. Default true. */
  mute(id: string, muted?: boolean, init?: CallInit): Promise<void>;
  /** Turns the camera of a member off. */
  muteVideo(id: string, init?: CallInit): Promise<void>;
  /** Raises your own hand, or lowers it (as a host, of anyone). */
  raiseHand(id: string, raised?: boolean, init?: CallInit): Promise<void>;
  /** Lowers the hands of all. */
  lowerAllHands(init?: CallInit): Promise<void>;
  /** Makes a user the host; you stay as a co-host. */
  transferHost(id: string, init?: CallInit): Promise<void>;
  /** Gives or takes a role. @param options.hostKey claims the host role for yourself */
  setRole(
    id: string,
    role: 'MODERATOR' | 'COHOST' | 'PRESENTER',
    hasRole: boolean,
    options?: CallInit & { readonly hostKey?: string },
  ): Promise<void>;
  /** Changes a name in this meeting: your own, or as a host that of anyone. 1 to 128 characters. */
  rename(id: string, name: string, init?: CallInit): Promise<void>;
}

/** The part that the meeting moves. */
export interface MembersPart {
  readonly members: Members;
  show(locus: Locus): void;
  /** ids of participants */
  speaking(ids: readonly string[]): void;
}

const rules: ParameterRules<
  Omit<Members, keyof Listenable<MembersEvents> | 'all' | 'joined' | 'lobby' | 'self' | 'get'>
> = {
  add: 'address:text',
  cancel: 'address:text',
  admit: 'ids:array',
  moveToLobby: 'id:text',
  remove: 'id:text',
  mute: 'id:text muted?:boolean',
  muteVideo: 'id:text',
  raiseHand: 'id:text raised?:boolean',
  lowerAllHands: '',
  transferHost: 'id:text',
  setRole: 'id:text role:text hasRole:boolean',
  rename: 'id:text name:text',
};

export function createMembers(
  signalling: Signalling,
  report: (error: unknown, context: string) => void,
): MembersPart {
  const emitter = createEmitter<MembersEvents>((error, type) => {
    report(error, `members ${type}`);
  });
  const known = new Map<string, Member>();
  const list = (status: Member['status']): readonly Member[] =>
    [...known.values()].filter((member) => member.status === status);
  const { send } = signalling;

  const calls = checkArguments('members', rules, {
    add: (address, init) => send((now) => requests.invite(now, [address]), init),
    cancel: (address, init) => send((now) => requests.cancelInvite(now, address), init),
    admit: (ids, init) => send((now) => requests.admit(now, ids), init),
    moveToLobby: (id, init) =>
      send((now) => requests.memberControls(now, id, { moveToLobby: { participantIds: [id] } }), init),
    remove: (id, init) => send((now) => requests.remove(now, id), init),
    mute: (id, muted = true, init) =>
      send((now) => requests.memberControls(now, id, { audio: { muted } }), init),
    muteVideo: (id, init) =>
      send((now) => requests.memberControls(now, id, { video: { muted: true } }), init),
    raiseHand: (id, raised = true, init) =>
      send((now) => requests.memberControls(now, id, { hand: { raised } }), init),
    lowerAllHands: (init) => send((now) => requests.controls(now, { hand: { raised: false } }), init),
    transferHost: (id, init) =>
      send((now) => requests.memberControls(now, id, { role: { moderator: true } }), init),
    setRole: (id, type, hasRole, { hostKey, ...init } = {}) =>
      send(
        (now) =>
          requests.memberControls(now, id, {
            role: { roles: [{ type, hasRole, ...(hostKey !== undefined && { hostKey }) }] },
          }),
        init,
      ),
    rename: (id, name, init) => send((now) => requests.alias(now, id, name), init),
  } satisfies Partial<Members>);

  const members: Members = {
    ...calls,
    on: emitter.on,
    once: emitter.once,
    get all() {
      return [...known.values()];
    },
    get joined() {
      return list('joined');
    },
    get lobby() {
      return list('lobby');
    },
    get self() {
      return [...known.values()].find(({ isSelf }) => isSelf);
    },
    get: (id) => known.get(id),
  };

  return {
    members,
    show: (locus) => {
      const added: Member[] = [];
      const updated: Member[] = [];
      const removed: Member[] = [];
      const present = new Set(locus.participants.map(({ id }) => id));
      for (const participant of locus.participants) {
        const member = known.get(participant.id);
        if (member === undefined) {
          const made = createMember(participant.id, report);
          made.set(memberValues(locus, participant));
          known.set(participant.id, made);
          added.push(made);
          continue;
        }
        const before = JSON.stringify(member);
        member.set(memberValues(locus, participant));
        if (JSON.stringify(member) !== before) updated.push(member);
      }
      for (const [id, member] of known)
        if (!present.has(id)) {
          known.delete(id);
          removed.push(member);
        }
      if (added.length + updated.length + removed.length > 0)
        emitter.emit('update', { added, updated, removed });
    },
    speaking: (ids) => {
      const speaking = new Set(ids);
      for (const member of known.values()) member.set({ isSpeaking: speaking.has(member.id) });
    },
  };
}
