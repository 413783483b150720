import { expect } from 'chai';
import { collect } from '../../webex/tools.js';
import type { Probes } from './context.js';

interface Added {
  readonly meeting: { readonly id: string };
  readonly type: string;
}

/** `webex.meetings`, without media: these probes run in Node. */
export const meetings: Readonly<Record<string, Probes>> = {
  'webex.meetings': {
    register: async ({ ana, ben }) => {
      await Promise.all([ana.meetings.register(), ben.meetings.register()]);
      expect(ana.meetings.registered).to.equal(true);
    },
    registered: ({ ana }) => expect(ana.meetings.registered).to.equal(true),
    create: async ({ ana, ben, benPerson }) => {
      const added = collect<Added>(ben.meetings, 'meeting:added');
      const call = await ana.meetings.create(benPerson.email, 'SIP_URI');
      await call.join();
      expect(call.state).to.equal('JOINED');
      const { type, meeting } = await added.next(() => true);
      expect(type).to.equal('INCOMING');
      const answered = ben.meetings.getMeetingByType('id', meeting.id);
      await answered?.acknowledge('INCOMING');
      await answered?.join();
      expect(answered?.members.membersCollection.getAll()).to.have.property(String(answered?.selfId));
    },
    getAllMeetings: ({ ana }) => expect(Object.keys(ana.meetings.getAllMeetings())).to.have.length(1),
    meetingCollection: ({ ana }) =>
      expect(ana.meetings.meetingCollection.getAll()).to.deep.equal(ana.meetings.getAllMeetings()),
    getMeetingByType: ({ ana }) => {
      const [meeting] = Object.values(ana.meetings.getAllMeetings());
      expect(ana.meetings.getMeetingByType('locusUrl', meeting?.locusUrl ?? '')).to.equal(meeting);
    },
    getBasicMeetingInformation: ({ ana }) => {
      const [meeting] = Object.values(ana.meetings.getAllMeetings());
      expect(ana.meetings.getBasicMeetingInformation(meeting?.id ?? '')).to.equal(meeting);
    },
    getActiveWebrtcMeeting: ({ ana }) => expect(ana.meetings.getActiveWebrtcMeeting()).to.equal(undefined),
    syncMeetings: async ({ ana }) => {
      const [meeting] = Object.values(ana.meetings.getAllMeetings());
      await ana.meetings.syncMeetings();
      expect(Object.values(ana.meetings.getAllMeetings())).to.deep.equal([meeting]);
      await meeting?.leave();
      expect(ana.meetings.getAllMeetings()).to.deep.equal({});
    },
    getPersonalMeetingRoom: async ({ ana }) =>
      expect(await ana.meetings.getPersonalMeetingRoom().get()).to.include({ isPmr: true }),
    fetchUserPreferredWebexSite: async ({ ana }) => {
      await ana.meetings.fetchUserPreferredWebexSite();
    },
    preferredWebexSite: ({ ana, cloud }) =>
      expect(ana.meetings.preferredWebexSite).to.equal(new URL(cloud.url).host),
    mediaHelpers: async ({ ana }) => {
      const error: unknown = await ana.meetings.mediaHelpers
        .createCameraStream()
        .catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'ERR_ENVIRONMENT' });
    },
    unregister: async ({ ana }) => {
      await ana.meetings.unregister();
      expect(ana.meetings.registered).to.equal(false);
    },
  },
};
