import type { Meeting as NativeMeeting, Member as NativeMember } from '@trunkline/meetings';
import type { LocusParticipant } from '@trunkline/wire';
import { Events } from '../events.js';
import { official } from '../http-error.js';

/** A member as the official client shows it. */
export class Member {
  constructor(
    private readonly native: NativeMember,
    private readonly meeting: NativeMeeting,
  ) {}
  get id(): string {
    return this.native.id;
  }
  get name(): string {
    return this.native.name;
  }
  /** as the service sent it */
  get participant(): LocusParticipant | undefined {
    return this.meeting.locus?.participants.find(({ id }) => id === this.id);
  }
  get status(): 'IN_LOBBY' | 'IN_MEETING' | 'NOT_IN_MEETING' {
    if (this.native.status === 'lobby') return 'IN_LOBBY';
    return this.native.status === 'joined' ? 'IN_MEETING' : 'NOT_IN_MEETING';
  }
  get isInMeeting(): boolean {
    return this.native.status === 'joined';
  }
  get isInLobby(): boolean {
    return this.native.status === 'lobby';
  }
  get isNotAdmitted(): boolean {
    return this.isInLobby;
  }
  get isSelf(): boolean {
    return this.native.isSelf;
  }
  get isHost(): boolean {
    return this.native.isHost;
  }
  get isModerator(): boolean {
    return this.native.isHost || this.native.isCoHost;
  }
  get isGuest(): boolean {
    return this.native.isGuest;
  }
  get isUser(): boolean {
    return this.participant?.type === 'USER';
  }
  get isDevice(): boolean {
    return this.participant?.type === 'RESOURCE_ROOM';
  }
  get isAudioMuted(): boolean {
    return this.native.isAudioMuted;
  }
  get isVideoMuted(): boolean {
    return this.native.isVideoMuted;
  }
  get isHandRaised(): boolean {
    return this.native.isHandRaised;
  }
  get isContentSharing(): boolean {
    return this.native.isSharing;
  }
  get isBrb(): boolean {
    return this.native.isAway;
  }
  get isRemovable(): boolean {
    return this.isInMeeting && !this.isSelf && !this.isGuest && this.meeting.state.kind === 'meeting';
  }
  get isMutable(): boolean {
    return this.isInMeeting && !this.isAudioMuted && this.isSelf && this.meeting.state.kind === 'meeting';
  }
  get canReclaimHost(): boolean {
    return this.participant?.canReclaimHostRole ?? false;
  }
  get roles(): { readonly cohost: boolean; readonly moderator: boolean; readonly presenter: boolean } {
    const { isCoHost, isHost, isPresenter } = this.native;
    return { cohost: isCoHost, moderator: isHost, presenter: isPresenter };
  }
  get mediaStatus(): { readonly audio: string; readonly video: string } {
    const { audioStatus = 'UNKNOWN', videoStatus = 'UNKNOWN' } = this.participant?.status ?? {};
    return { audio: audioStatus, video: videoStatus };
  }
}

/** `meeting.members`. Event: `members:update` with `{ delta: { added, updated, removedIds }, full }`. */
export class Members extends Events {
  private readonly known = new Map<NativeMember, Member>();

  constructor(private readonly meeting: NativeMeeting) {
    super();
    meeting.members.on('update', ({ added, updated, removed }) => {
      this.trigger('members:update', {
        delta: {
          added: added.map((one) => this.show(one)),
          updated: updated.map((one) => this.show(one)),
          removedIds: removed.map(({ id }) => id),
        },
        full: this.membersCollection.getAll(),
        isReplace: false,
      });
    });
    meeting.state.on('change:sharerId', (activeSharingId) => {
      this.trigger('members:content:update', { activeSharingId: activeSharingId ?? null });
    });
  }
  private show(native: NativeMember): Member {
    let member = this.known.get(native);
    if (member === undefined) this.known.set(native, (member = new Member(native, this.meeting)));
    return member;
  }
  readonly membersCollection = {
    getAll: (): Readonly<Record<string, Member>> =>
      Object.fromEntries(this.meeting.members.all.map((one) => [one.id, this.show(one)])),
    get: (id: string): Member | undefined => {
      const found = this.meeting.members.get(id);
      return found && this.show(found);
    },
    get members(): Readonly<Record<string, Member>> {
      return this.getAll();
    },
  };
  get selfId(): string | undefined {
    return this.meeting.members.self?.id;
  }
  get hostId(): string | undefined {
    return this.meeting.members.all.find(({ isHost }) => isHost)?.id;
  }
  get locusUrl(): string | undefined {
    return this.meeting.state.locusUrl;
  }
  addMember(invitee: {
    readonly emailAddress?: string;
    readonly email?: string;
    readonly phoneNumber?: string;
    readonly id?: string;
  }): Promise<void> {
    const { emailAddress, email, phoneNumber, id } = invitee;
    return official(this.meeting.members.add(emailAddress ?? email ?? phoneNumber ?? id ?? ''));
  }
  cancelPhoneInvite({ phoneNumber }: { readonly phoneNumber: string }): Promise<void> {
    return official(this.meeting.members.cancel(phoneNumber));
  }
  cancelInviteByMemberId({ memberId }: { readonly memberId: string }): Promise<void> {
    return official(this.meeting.members.cancel(memberId));
  }
  admitMembers(ids: readonly string[]): Promise<void> {
    return official(this.meeting.members.admit(ids));
  }
  removeMember(id: string): Promise<void> {
    return official(this.meeting.members.remove(id));
  }
  muteMember(id: string, mute = true, isAudio = true): Promise<void> {
    const { members } = this.meeting;
    return official(isAudio ? members.mute(id, mute) : members.muteVideo(id));
  }
  moveToLobby(id: string): Promise<void> {
    return official(this.meeting.members.moveToLobby(id));
  }
  raiseOrLowerHand(id: string, raise = true): Promise<void> {
    return official(this.meeting.members.raiseHand(id, raise));
  }
  lowerAllHands(): Promise<void> {
    return official(this.meeting.members.lowerAllHands());
  }
  transferHostToMember(id: string): Promise<void> {
    return official(this.meeting.members.transferHost(id));
  }
  async assignRoles(
    id: string,
    roles: readonly {
      readonly type: 'MODERATOR' | 'COHOST' | 'PRESENTER';
      readonly hasRole: boolean;
      readonly hostKey?: string;
    }[],
  ): Promise<void> {
    for (const { type, hasRole, hostKey } of roles)
      await official(
        this.meeting.members.setRole(id, type, hasRole, hostKey === undefined ? {} : { hostKey }),
      );
  }
  editDisplayName(id: string, _requestingId: string, alias: string): Promise<void> {
    return official(this.meeting.members.rename(id, alias));
  }
}
