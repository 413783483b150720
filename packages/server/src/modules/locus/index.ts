import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import { checkEveryMs, createAttendance } from './attendance.js';
import { createDoors } from './doors.js';
import { createLiveMeetings } from './live.js';
import { createConferences } from './media/conferences.js';
import { migrations } from './migrations/index.js';
import { createRecordings } from './recordings.js';
import { controlRoutes } from './routes/controls.js';
import { joiningRoutes } from './routes/joining.js';
import { participantRoutes } from './routes/participants.js';
import { recordingRoutes } from './routes/recordings.js';
import { mediaRoutes } from './routes/media.js';
import { withoutMedia } from './rules/media.js';
import { createSeats } from './seats.js';

/** ms that ended meetings are kept, so that late requests get their end */
const keptMs = 3_600_000;

/** Meetings and calls that are held. @source protocol/meetings-signalling.md */
export const locus = defineModule({
  name: 'locus',
  migrations,
  needs: ['conversation', 'devices', 'identity', 'media', 'meetings', 'mercury'],
  setup: createLocus,
});

function createLocus(
  kernel: Kernel,
  {
    conversation,
    devices,
    identity,
    media,
    meetings,
    mercury,
  }: Needs<'conversation' | 'devices' | 'identity' | 'media' | 'meetings' | 'mercury'>,
) {
  const live = createLiveMeetings(kernel, mercury);
  const seats = createSeats(kernel, identity, devices, live);
  const doors = createDoors(identity, conversation, meetings);
  const attendance = createAttendance(live, mercury, devices, () => kernel.now());
  const recordings = createRecordings(kernel.store);
  const conferences = createConferences(kernel, media, mercury, live, async (recording) => {
    const meeting = await live.find(recording.meetingId);
    if (meeting !== undefined) await recordings.put(recording, meeting);
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    routes: [
      joiningRoutes({ kernel, seats, doors, live, attendance }),
      mediaRoutes(seats, live, conferences, mercury),
      controlRoutes({ seats, doors, live, conferences, mercury }),
      participantRoutes({ kernel, identity, meetings, live, seats }),
      recordingRoutes({ kernel, identity, recordings }),
    ],
    start: async () => {
      // no media survived: clients are to negotiate again
      for (const { id } of await live.held()) await live.change(id, withoutMedia);
      timer = setInterval(() => {
        attendance.check().catch((error: unknown) => {
          kernel.log.error({ err: error }, 'meetings: who has gone could not be found out');
        });
      }, checkEveryMs);
    },
    sweep: () => live.removeEnded(kernel.now() - keptMs),
    stop: () => {
      clearInterval(timer);
    },
    close: () => conferences.close(),
  };
}
