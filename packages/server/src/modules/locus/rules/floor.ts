// Who shows a screen or a whiteboard: one at a time. @source protocol/meetings-signalling.md §4.4
import { badRequest, forbidden } from '../../../kernel/http/errors.js';
import { hasRole, isModerator, type Floor, type Meeting, type Participant } from '../model.js';
import type { At } from './joining.js';

export interface FloorRequest {
  readonly share: 'content' | 'whiteboard';
  readonly disposition: unknown;
  readonly deviceKey: string;
  readonly shareInstanceId: string;
  readonly resourceUrl?: string | undefined;
}

export const holds = (floor: Floor | undefined): floor is Floor =>
  floor !== undefined && floor.releasedMs === undefined;

/** Takes the floor (from the user who has it) or gives it back. */
export function changeFloor(meeting: Meeting, by: Participant, request: FloorRequest, at: At): Meeting {
  const { share } = request;
  const current = meeting[share];
  switch (request.disposition) {
    case 'GRANTED': {
      if (meeting.controls.shareControl !== 'ANYONE' && !isModerator(by) && !hasRole(by, 'PRESENTER'))
        throw forbidden('Only the host and presenters may share in this meeting.');
      const floor: Floor = {
        participantId: by.id,
        deviceKey: request.deviceKey,
        shareInstanceId: request.shareInstanceId,
        grantedMs: at.nowMs,
        ...(request.resourceUrl !== undefined && { resourceUrl: request.resourceUrl }),
      };
      // a screen and a whiteboard are not shown at once
      const other = share === 'content' ? 'whiteboard' : 'content';
      const released = holds(meeting[other]) ? { [other]: { ...meeting[other], releasedMs: at.nowMs } } : {};
      return { ...meeting, [share]: floor, ...released };
    }
    case 'RELEASED': {
      if (!holds(current)) return meeting;
      if (current.participantId !== by.id && !isModerator(by))
        throw forbidden('Another participant shares. Only they or the host can end it.');
      return { ...meeting, [share]: { ...current, releasedMs: at.nowMs } };
    }
    default:
      throw badRequest('floor.disposition must be GRANTED or RELEASED.');
  }
}
