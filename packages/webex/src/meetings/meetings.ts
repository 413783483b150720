import type { Destination, Meeting as NativeMeeting, Meetings as NativeMeetings } from '@trunkline/meetings';
import { official } from '../http-error.js';
import { notSupported } from '../not-supported.js';
import { WebexPlugin, type PluginDefinition } from '../plugin.js';
import { removedReasons } from './meeting-events.js';
import { Meeting } from './meeting.js';
import { createMediaHelpers, type MediaHelpers } from './streams.js';

const destinationTypes: Readonly<Record<string, Destination['type']>> = {
  MEETING_LINK: 'MEETING_LINK',
  MEETING_ID: 'MEETING_NUMBER',
  SIP_URI: 'SIP_URI',
  CONVERSATION_URL: 'CONVERSATION_URL',
  PERSONAL_ROOM: 'PERSONAL_ROOM',
};
const addedTypes = { you: 'CREATED', call: 'INCOMING', 'other-device': 'JOIN' } as const;

/** `webex.meetings`: meetings and calls with the official names, over `@trunkline/meetings`. Multistream is not supported. */
export class Meetings extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Meetings' };
  declare private readonly known: Map<NativeMeeting, Meeting>;
  declare private running: Promise<void> | undefined;
  declare registered: boolean;
  /** host of the service that schedules meetings */
  declare preferredWebexSite: string;
  /** Opens cameras, microphones and screens. */
  declare readonly mediaHelpers: MediaHelpers;

  override initialize(): void {
    const helpers = createMediaHelpers(() => this.webex.linkage.get().client.media);
    for (const [name, value] of Object.entries({
      known: new Map(),
      running: undefined,
      registered: false,
      preferredWebexSite: '',
      mediaHelpers: helpers,
    }))
      Object.defineProperty(this, name, { value, writable: true, enumerable: false });
    this.webex.linkage.attach(({ client: { meetings } }) => {
      const offs = [
        meetings.on('added', ({ meeting, by }) => {
          this.trigger('meeting:added', { meeting: this.show(meeting), type: addedTypes[by] });
        }),
        meetings.on('removed', ({ meeting, reason }) => {
          this.trigger('meeting:removed', { meetingId: meeting.id, reason: removedReasons[reason] });
          this.known.delete(meeting);
        }),
      ];
      return () => {
        for (const off of offs) off();
      };
    });
  }
  private get native(): NativeMeetings {
    return this.webex.linkage.get().client.meetings;
  }
  private show(native: NativeMeeting, destination = '', type?: string): Meeting {
    let meeting = this.known.get(native);
    if (meeting === undefined) this.known.set(native, (meeting = new Meeting(native, destination, type)));
    return meeting;
  }
  /** Opens the socket, so that calls come in. A second call while it runs returns the same promise. */
  register(): Promise<void> {
    if (this.registered) return Promise.resolve();
    this.running ??= this.connectNow().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }
  private async connectNow(): Promise<void> {
    await this.webex.internal.device.register();
    await this.webex.internal.mercury.connect();
    await this.fetchUserPreferredWebexSite();
    await official(this.native.sync());
    this.registered = true;
    this.trigger('meetings:ready');
    this.trigger('meetings:registered');
  }
  async unregister(): Promise<void> {
    if (!this.registered) return;
    this.registered = false;
    await this.webex.internal.mercury.disconnect();
    await this.webex.internal.device.unregister();
    this.trigger('meetings:unregistered');
  }
  /**
   * Makes a meeting; no one is called before `join`.
   *
   * @param type left out: it is found out from the destination
   */
  async create(destination: string, type?: string | null): Promise<Meeting> {
    let to: string | Destination = destination;
    if (type === 'LOCUS_ID' || type === 'MEETING_UUID') throw notSupported(`meetings.create(…, '${type}')`);
    const known = type == null ? undefined : destinationTypes[type];
    if (known !== undefined) to = { type: known, value: destination };
    const meeting = await official(this.native.create(to));
    return this.show(meeting, destination, type ?? undefined);
  }
  /** @param type `id`, `conversationUrl`, `sipUri`, `locusUrl`, `meetingNumber` or `correlationId` */
  getMeetingByType(type: string, value: string): Meeting | undefined {
    return Object.values(this.getAllMeetings()).find(
      (meeting) => (meeting as unknown as Record<string, unknown>)[type] === value,
    );
  }
  getAllMeetings(): Readonly<Record<string, Meeting>> {
    return Object.fromEntries(this.native.all.map((one) => [one.id, this.show(one)]));
  }
  get meetingCollection(): { readonly getAll: () => Readonly<Record<string, Meeting>> } {
    return { getAll: () => this.getAllMeetings() };
  }
  getActiveWebrtcMeeting(): Meeting | undefined {
    return Object.values(this.getAllMeetings()).find(({ native }) => native.connection !== undefined);
  }
  getBasicMeetingInformation(id: string): Meeting | undefined {
    return this.getAllMeetings()[id];
  }
  syncMeetings(): Promise<void> {
    return official(this.native.sync());
  }
  getPersonalMeetingRoom(): { readonly get: () => Promise<object> } {
    return {
      get: async () => {
        const { title, link, sipAddress } = await official(this.native.getPersonalMeetingRoom());
        return { meetingName: title, meetingLink: link, sipUrl: sipAddress, isPmr: true };
      },
    };
  }
  /** Never rejects. */
  async fetchUserPreferredWebexSite(): Promise<void> {
    try {
      const { body } = await this.webex.request<{
        readonly sites?: readonly { readonly siteUrl: string; readonly default?: boolean }[];
      }>({ service: 'hydra', resource: 'meetingPreferences' });
      const sites = body.sites ?? [];
      this.preferredWebexSite = (sites.find((site) => site.default === true) ?? sites[0])?.siteUrl ?? '';
    } catch (error) {
      this.logger.warn('meetings: the preferred site is not known', error);
    }
  }
}
