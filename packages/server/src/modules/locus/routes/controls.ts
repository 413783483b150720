import { badRequest, notFound } from '../../../kernel/http/errors.js';
import { fields, list, text } from '../../../kernel/http/untrusted.js';
import { eventUrls, servicePaths } from '../../../kernel/http/urls.js';
import type { Routes } from '../../../kernel/module.js';
import type { Mercury } from '../../mercury/api.js';
import type { Doors } from '../doors.js';
import type { LiveMeetings } from '../live.js';
import type { Conferences } from '../media/conferences.js';
import { isIn, isModerator, participantById } from '../model.js';
import { changeControls, changeParticipant, rename, requireIn, setLayout } from '../rules/controls.js';
import { changeFloor } from '../rules/floor.js';
import { cancelInvite, invite } from '../rules/joining.js';
import { notModerator } from '../refusals.js';
import type { Seats } from '../seats.js';
import { readReaction } from '../reactions.js';
import { locusUrl } from '../urls.js';

type Params = { Params: { id: string } };
type OfParticipant = { Params: { id: string; participantId: string } };

export interface ControlParts {
  readonly seats: Seats;
  readonly doors: Doors;
  readonly live: LiveMeetings;
  readonly conferences: Pick<Conferences, 'sendDtmf'>;
  readonly mercury: Pick<Mercury, 'sendToUsers'>;
}

const base = `${servicePaths.locus}/loci/:id`;
/** people that one request can invite */
const mostInvitees = 50;
const longestTones = 100;

/** What participants decide. @source protocol/meetings-signalling.md §4, §4.4, §4.5 */
export function controlRoutes({ seats, doors, live, conferences, mercury }: ControlParts): Routes {
  return (app) => {
    for (const method of ['PUT', 'PATCH'] as const) {
      app.route<Params>({
        method,
        url: `${base}/controls`,
        handler: async (request) => {
          const { caller } = await seats.of(request);
          const { user } = caller;
          const meeting = await live.change(request.params.id, (before, at) =>
            changeControls(before, user.id, request.body, at),
          );
          return seats.locus(request, meeting, user.id);
        },
      });
      app.route<OfParticipant>({
        method,
        url: `${base}/participant/:participantId/controls`,
        handler: async (request) => {
          const seat = await seats.of(request);
          const { caller, meeting: now } = seat;
          const { id, participantId } = request.params;
          const { layout } = fields(request.body);
          if (layout !== undefined) {
            seats.own(seat, participantId);
            const deviceKey = await seats.device(layout, caller);
            const changed = await live.change(id, (before) =>
              setLayout(before, caller.user.id, deviceKey, text(fields(layout)['type'])),
            );
            return seats.locus(request, changed, caller.user.id);
          }
          const hostKey = list(fields(fields(request.body)['role'])['roles'])
            .map((role) => fields(role)['hostKey'])
            .find((key) => key !== undefined);
          const isRight = hostKey !== undefined && (await doors.isHostKey(now, hostKey));
          const meeting = await live.change(id, (before, at) =>
            changeParticipant(
              before,
              {
                userId: caller.user.id,
                targetId: participantId,
                body: request.body,
                isHostKeyRight: () => isRight,
              },
              at,
            ),
          );
          return seats.locus(request, meeting, caller.user.id);
        },
      });
    }

    app.post<OfParticipant>(`${base}/participant/:participantId/alias`, async (request) => {
      const { caller } = await seats.of(request);
      const { id, participantId } = request.params;
      const name = fields(request.body)['aliasValue'];
      const meeting = await live.change(id, (before) => rename(before, caller.user.id, participantId, name));
      return seats.locus(request, meeting, caller.user.id);
    });

    app.post<OfParticipant>(`${base}/participant/:participantId/sendDtmf`, async (request) => {
      const { caller, meeting, participant } = await seats.of(request);
      requireIn(meeting, caller.user.id);
      if (participantById(meeting, request.params.participantId) === undefined) throw notFound();
      const tones = text(fields(fields(request.body)['dtmf'])['tones']);
      if (tones === undefined || !/^[0-9*#A-Da-d,]+$/.test(tones) || tones.length > longestTones)
        throw badRequest(
          `dtmf.tones must be 1 to ${String(longestTones)} of 0-9, *, #, A-D and, for a pause of 2 s, a comma.`,
        );
      const device = participant.devices.find(
        ({ state, phone }) => state === 'JOINED' && phone === undefined,
      );
      await conferences.sendDtmf(meeting.id, device?.key ?? '', tones.toUpperCase());
      return seats.locus(request, meeting, caller.user.id);
    });

    app.put<Params>(base, async (request) => {
      const { caller, meeting: now } = await seats.of(request);
      const by = requireIn(now, caller.user.id);
      const { invitees, actionType } = fields(request.body);
      const addresses = list(invitees).map((one) => text(fields(one)['address'])?.trim() ?? '');
      if (addresses.length === 0 || addresses.length > mostInvitees || addresses.includes(''))
        throw badRequest(`invitees must be 1 to ${String(mostInvitees)} objects with an address.`);
      // in a meeting with a host, the host and co-hosts invite
      if (now.type === 'MEETING' && !isModerator(by)) throw notModerator();
      if (actionType === 'REMOVE') {
        const meeting = await live.change(now.id, (before, at) =>
          addresses.reduce((changed, address) => cancelInvite(changed, address, at), before),
        );
        return seats.locus(request, meeting, caller.user.id);
      }
      const people = await Promise.all(addresses.map((address) => doors.invitee(caller, address)));
      const meeting = await live.change(now.id, (before, at) => invite(before, people, at));
      return seats.locus(request, meeting, caller.user.id);
    });

    app.put<{ Params: { id: string; name: string } }>(`${base}/mediashares/:name`, async (request) => {
      const { caller } = await seats.of(request);
      const { id, name } = request.params;
      if (name !== 'content' && name !== 'whiteboard') throw notFound();
      const floor = fields(fields(request.body)['floor']);
      const [device] = list(fields(floor['beneficiary'])['devices']);
      const meeting = await live.change(id, (before, at) => {
        const by = requireIn(before, caller.user.id);
        const deviceKey = deviceOf(by.devices, text(fields(device)['url']));
        const resourceUrl = text(fields(request.body)['resourceUrl']);
        return changeFloor(
          before,
          by,
          {
            share: name,
            disposition: floor['disposition'],
            deviceKey,
            shareInstanceId: text(floor['shareInstanceId'])?.slice(0, 80) ?? at.newId(),
            ...(resourceUrl !== undefined && { resourceUrl: resourceUrl.slice(0, 1000) }),
          },
          at,
        );
      });
      return seats.locus(request, meeting, caller.user.id);
    });

    app.post<Params>(`${base}/reactions`, async (request, reply) => {
      const { caller, meeting } = await seats.of(request);
      const by = requireIn(meeting, caller.user.id);
      const reaction = readReaction(meeting, request.body);
      mercury.sendToUsers(
        meeting.participants.filter(isIn).flatMap(({ userId }) => userId ?? []),
        {
          eventType: 'meeting.reaction',
          locusUrl: locusUrl(eventUrls, meeting.id),
          reaction,
          sender: {
            participantId: by.id,
            ...(meeting.controls.reactionNames && { displayName: by.name }),
          },
        },
      );
      return reply.code(204).send();
    });
  };
}

/** The device that the body names, else the one that is in. */
function deviceOf(
  devices: readonly { readonly key: string; readonly state: string; readonly phone?: unknown }[],
  url: string | undefined,
): string {
  const live = devices.filter(({ state, phone }) => state === 'JOINED' && phone === undefined);
  const named = live.find(({ key }) => url?.endsWith(`/${key}`) === true);
  const device = named ?? live[0];
  if (device === undefined) throw badRequest('This participant has no device in the meeting.');
  return device.key;
}
