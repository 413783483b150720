// Scheduled meetings and meeting info over real identity and rooms, through their routes.
import { randomUUID } from 'node:crypto';
import { fakeModule, startModules, testBase } from '../../kernel/harness.test.js';
import { urlsAt } from '../../kernel/http/urls.js';
import { type Answer, type Person, startContent } from '../harness.test.js';
import { meetings as meetingsModule } from './index.js';
import { listen } from './captcha-reader.test.js';

export { type Answer, type Person };
export const urls = urlsAt(testBase);
export const infoUrl = `${urls.service('webex-appapi-service')}/meetingInfo`;

/** What these tests read of answers. */
export interface MeetingAnswer {
  readonly id: string;
  readonly meetingNumber: string;
  readonly title: string;
  readonly password?: string;
  readonly hostKey?: string;
  readonly webLink: string;
  readonly sipAddress: string;
  readonly start: string;
  readonly end: string;
}
export interface InfoAnswer {
  readonly code?: number;
  readonly message?: string;
  readonly permissionToken?: string;
  readonly sipUrl?: string;
  readonly meetingName?: string;
  readonly meetingNumber?: string;
  readonly meetingJoinUrl?: string;
  readonly conversationUrl?: string;
  readonly isPmr?: boolean;
  readonly captchaID?: string;
  readonly verificationImageURL?: string;
  readonly verificationAudioURL?: string;
  readonly refreshURL?: string;
}
export type Schedule = Awaited<ReturnType<typeof startSchedule>>;

export async function startSchedule() {
  let nowMs = Date.parse('2026-01-01T09:00:00.000Z');
  const cloud = await startContent({}, () => nowMs);
  const running = await startModules(cloud.kernel, [
    fakeModule('identity', cloud.identity),
    fakeModule('conversation', cloud.conversations),
    meetingsModule,
  ]);
  const { app } = running;
  await app.ready();

  const fetchRaw = async (url: string) => {
    const reply = await app.inject({ method: 'GET', url: url.replace(testBase, '') });
    return { status: reply.statusCode, type: reply.headers['content-type'], body: reply.rawPayload };
  };
  async function call<T = MeetingAnswer & { message?: string; items?: readonly MeetingAnswer[] }>(
    who: Pick<Person, 'token'> | undefined,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
  ): Promise<Answer<T>> {
    const reply = await app.inject({
      method,
      url: url.replace(testBase, ''),
      headers: who === undefined ? {} : { authorization: `Bearer ${who.token}` },
      ...(payload === undefined ? {} : { payload }),
    });
    const body = (reply.payload === '' ? {} : JSON.parse(reply.payload)) as T;
    return { status: reply.statusCode, body, headers: reply.headers as Answer['headers'] };
  }

  return {
    ...cloud,
    call,
    fetchRaw,
    meetings: running.apis.meetings,
    /** Lets time pass. */
    tick: (ms: number): void => {
      nowMs += ms;
    },
    now: () => nowMs,
    info: (who: Pick<Person, 'token'>, body: object): Promise<Answer<InfoAnswer>> =>
      call<InfoAnswer>(who, 'POST', infoUrl, body),
    schedule: async (host: Person, more: object = {}): Promise<MeetingAnswer> => {
      const { status, body } = await call(host, 'POST', '/v1/meetings', {
        title: 'Standup',
        start: '2026-01-02T09:00:00Z',
        end: '2026-01-02T10:00:00Z',
        ...more,
      });
      if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(body)}`);
      return body;
    },
    /** A user of another organisation. */
    foreigner: async (name: string): Promise<Person> => {
      const user = await cloud.identity.users.create({
        email: `${name}@elsewhere.example`,
        displayName: name,
      });
      const org_id = randomUUID();
      await cloud.store.write(({ tx }) =>
        tx.updateTable('users').set({ org_id }).where('id', '=', user.id).execute(),
      );
      const { accessToken } = await cloud.identity.tokens.grant(user.id, {});
      const caller = await cloud.identity.callerOfToken(accessToken);
      if (caller?.user.org_id !== org_id) throw new Error('the organisation was not changed');
      return { ...caller.user, token: accessToken, deviceId: randomUUID() };
    },
    /** A user without an account. */
    guest: async (name: string): Promise<Person> => {
      const { id } = await cloud.store.write((write) =>
        cloud.identity.users.createWithin(write, { displayName: name, roles: ['guest'] }),
      );
      const { accessToken } = await cloud.identity.tokens.grant(id, {});
      const caller = await cloud.identity.callerOfToken(accessToken);
      if (caller === undefined) throw new Error('the token is good');
      return { ...caller.user, token: accessToken, deviceId: randomUUID() };
    },
    /** The code of a captcha, as a user who listens to it writes it down. */
    solve: async (captcha: InfoAnswer): Promise<string> =>
      listen((await fetchRaw(captcha.verificationAudioURL ?? '')).body),
    close: async (): Promise<void> => {
      await running.lifecycle.close();
      await cloud.close();
    },
  };
}
