import type { CallInit, Host, RequestOptions } from '@trunkline/core';
import type { Locus, LocusDelta } from '@trunkline/wire';
import { meetingError } from './errors.js';
import type { LocusAnswer, RequestContext } from './requests.js';

/** A request, or what makes one of the meeting as it is then. */
export type Request = RequestOptions | ((now: RequestContext) => RequestOptions);

/** Sends the calls of one meeting and hands their answers to the working copy. */
export interface Signalling {
  /** What calls need. @throws {MeetingError} `ERR_MEETING_NOT_JOINED` */
  readonly context: () => RequestContext;
  readonly send: (request: Request, init?: CallInit) => Promise<void>;
  /** The same, with the answer. */
  readonly ask: <T extends LocusAnswer>(request: Request, init?: CallInit) => Promise<T>;
}

export function createSignalling(
  host: Pick<Host, 'request'>,
  meeting: {
    readonly current: () => Locus | undefined;
    readonly deviceUrl: () => string | undefined;
    readonly correlationId: () => string;
    readonly take: (locus: Locus | LocusDelta) => void;
  },
): Signalling {
  const context = (): RequestContext => {
    const locus = meeting.current();
    const deviceUrl = meeting.deviceUrl();
    if (locus?.self === undefined || deviceUrl === undefined)
      throw meetingError(
        'ERR_MEETING_NOT_JOINED',
        'meeting',
        'this needs a meeting that you are in. Call join() first.',
      );
    return {
      locusUrl: locus.url,
      selfUrl: locus.self.url,
      selfId: locus.self.id,
      deviceUrl,
      correlationId: meeting.correlationId(),
      sequence: locus.sequence,
    };
  };
  const ask = async <T extends LocusAnswer>(request: Request, init?: CallInit): Promise<T> => {
    const options = typeof request === 'function' ? request(context()) : request;
    const { body } = await host.request<T | undefined>({ ...init, ...options });
    if (body?.locus !== undefined) meeting.take(body.locus);
    return body ?? ({} as T);
  };
  return {
    ask,
    send: async (options, init) => {
      await ask(options, init);
    },
    context,
  };
}
