// What a body carries for media: ROAP and the user's mutes. @source protocol/meetings-media.md §2
import { readRoapMessage, type RoapMessage } from '@trunkline/wire';
import { badRequest } from '../../../kernel/http/errors.js';
import { fields, isFields, list, text } from '../../../kernel/http/untrusted.js';

export interface LocalMedia {
  /** empty: a new peer connection */
  readonly mediaId: string;
  readonly roap: RoapMessage | undefined;
  readonly audioMuted: boolean | undefined;
  readonly videoMuted: boolean | undefined;
}

const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** The first of `localMedias`; undefined where there is none. @throws ApiError 400 for one that cannot be read */
export function readLocalMedia(body: unknown): LocalMedia | undefined {
  const [first] = list(fields(body)['localMedias']);
  if (first === undefined) return undefined;
  const localSdp = text(fields(first)['localSdp']);
  let said: unknown;
  try {
    said = JSON.parse(localSdp ?? '');
  } catch {
    said = undefined;
  }
  if (!isFields(said)) throw badRequest('localMedias[0].localSdp must be the text of a JSON object.');
  const roap = said['roapMessage'] === undefined ? undefined : readRoapMessage(said['roapMessage']);
  if (said['roapMessage'] !== undefined && roap === undefined)
    throw badRequest('roapMessage must be a ROAP message with messageType, seq and, for an offer, sdps.');
  return {
    mediaId: text(fields(first)['mediaId']) ?? '',
    roap,
    audioMuted: flag(said['audioMuted']),
    videoMuted: flag(said['videoMuted']),
  };
}
