// What is to be known before joining: addresses, password, captcha. @source protocol/meetings-signalling.md §3
import { isSdkError, type CallInit, type Host } from '@trunkline/core';
import type { Destination } from './destination.js';
import { meetingError } from './errors.js';

/** What the service says of a meeting. */
export interface MeetingInfo {
  readonly meetingName?: string;
  readonly meetingNumber?: string;
  readonly meetingJoinUrl?: string;
  readonly sipUrl?: string;
  readonly conversationUrl?: string;
  /** uuid of the host */
  readonly owner?: string;
  readonly isPmr?: boolean;
  readonly permissionToken?: string;
}
/** To be solved before the next password. */
export interface Captcha {
  readonly captchaId: string;
  readonly verificationImageURL: string;
  readonly verificationAudioURL: string;
  readonly refreshURL: string;
}

/** `required`: give it with `verifyPassword`. `unknown`: no one asked yet. */
export type PasswordStatus = 'unknown' | 'notRequired' | 'required' | 'verified';

/** The result of a request for the info. */
export interface InfoResult {
  readonly info: MeetingInfo | undefined;
  readonly passwordStatus: PasswordStatus;
  readonly captcha: Captcha | undefined;
}

interface Secrets {
  readonly password?: string | undefined;
  readonly captchaId?: string | undefined;
  readonly captchaCode?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const keyOf: Readonly<Record<Destination['type'], string>> = {
  MEETING_LINK: 'meetingUrl',
  MEETING_NUMBER: 'meetingKey',
  SIP_URI: 'sipUrl',
  CONVERSATION_URL: 'conversationUrl',
  ROOM: 'conversationUrl',
  PERSON: 'userId',
  PERSONAL_ROOM: 'userId',
};

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function readCaptcha(body: Fields): Captcha | undefined {
  const captchaId = text(body['captchaID']);
  if (captchaId === undefined) return undefined;
  return {
    captchaId,
    verificationImageURL: text(body['verificationImageURL']) ?? '',
    verificationAudioURL: text(body['verificationAudioURL']) ?? '',
    refreshURL: text(body['refreshURL']) ?? '',
  };
}

/** The body of a refusal, which says why. */
const refusalOf = (error: unknown): Fields | undefined => {
  const body = isSdkError(error) ? (error as { readonly body?: unknown }).body : undefined;
  return typeof body === 'object' && body !== null ? (body as Fields) : undefined;
};

/**
 * Asks for the meeting's info. A missing password or captcha is a result, not an error; `undefined` info means that the
 * address does not belong to a meeting (it may be that of a person).
 */
export async function fetchInfo(
  host: Pick<Host, 'request'>,
  { type, value }: Destination,
  { password, captchaId, captchaCode }: Secrets = {},
  init?: CallInit,
): Promise<InfoResult> {
  const body = {
    supportHostKey: true,
    supportCountryList: true,
    [keyOf[type]]: value,
    ...(password !== undefined && { password }),
    ...(captchaId !== undefined && { captchaID: captchaId, captchaVerifyCode: captchaCode ?? '' }),
  };
  try {
    const { body: info } = await host.request<MeetingInfo>({
      ...init,
      method: 'POST',
      service: 'webex-appapi-service',
      path: 'meetingInfo',
      body,
      idempotent: true,
    });
    return { info, passwordStatus: password === undefined ? 'notRequired' : 'verified', captcha: undefined };
  } catch (error) {
    if (!isSdkError(error)) throw error;
    if (error.status === 404) return { info: undefined, passwordStatus: 'notRequired', captcha: undefined };
    if (error.status !== 403 && error.status !== 423) throw error;
    const refusal = refusalOf(error) ?? {};
    const data = refusal['data'] as { readonly meetingInfo?: MeetingInfo } | undefined;
    const captcha = error.status === 423 ? readCaptcha(refusal) : undefined;
    if (error.status === 423 && captcha === undefined) throw error;
    return { info: data?.meetingInfo, passwordStatus: 'required', captcha };
  }
}

/** Another picture for the same purpose. */
export async function refreshCaptcha(
  host: Pick<Host, 'request'>,
  captcha: Captcha | undefined,
  init?: CallInit,
): Promise<Captcha> {
  if (captcha === undefined)
    throw meetingError('ERR_MEETING_CAPTCHA', 'info', 'refreshCaptcha: no captcha is required now.');
  if (!URL.canParse(captcha.refreshURL))
    throw meetingError(
      'ERR_MEETING_CAPTCHA',
      'info',
      'refreshCaptcha: the service gave no URL for another one.',
    );
  const url = new URL(captcha.refreshURL);
  url.searchParams.set('siteFullName', url.hostname);
  const { body } = await host.request<Fields>({
    ...init,
    method: 'POST',
    url: url.href,
    body: { captchaId: captcha.captchaId },
  });
  const fresh = readCaptcha(body);
  if (fresh === undefined)
    throw meetingError('ERR_MEETING_CAPTCHA', 'info', 'refreshCaptcha: the service sent none. Try again.');
  return fresh;
}
