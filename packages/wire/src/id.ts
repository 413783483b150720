import { decodeBase64Url, encodeBase64Url } from './base64url.js';

/** What a public id points at. */
export type IdType =
  | 'PEOPLE'
  | 'ORGANIZATION'
  | 'ROOM'
  | 'MESSAGE'
  | 'MEMBERSHIP'
  | 'TEAM'
  | 'TEAM_MEMBERSHIP'
  | 'WEBHOOK'
  | 'APPLICATION'
  | 'ATTACHMENT_ACTION'
  | 'CONTENT';

/** A public id, taken apart. `local` is a uuid, or two of them for a membership, or uuid/index for a content. */
export interface DecodedId {
  readonly cluster: string;
  readonly type: string;
  readonly local: string;
}

const scheme = 'ciscospark://';
const uuid = /^[a-f\d]{8}(?:-[a-f\d]{4}){3}-[a-f\d]{12}$/;

/** True for a lower-case uuid; the official client accepts no other spelling. */
export const isUuid = (value: string): boolean => uuid.test(value);

/**
 * The public form of an id: base64url without padding of `ciscospark://CLUSTER/TYPE/LOCAL`.
 *
 * @param cluster `us`, or `urn:TEAM:REGION`; people and organisations are always `us`
 * @source protocol/conversation.md §4
 */
export function encodeId(type: IdType, local: string, cluster = 'us'): string {
  const last = latest.get(type);
  if (last?.local === local && last.cluster === cluster) return last.id;
  const id = encodeBase64Url(
    `${scheme}${type === 'PEOPLE' || type === 'ORGANIZATION' ? 'us' : cluster}/${type}/${local}`,
  );
  latest.set(type, { local, cluster, id });
  return id;
}

// all members of a list are in one room and mostly of one organisation
const latest = new Map<IdType, { readonly local: string; readonly cluster: string; readonly id: string }>();

/**
 * Takes a public id apart; undefined when it is none (a bare uuid, say, or noise).
 *
 * @source protocol/conversation.md §4
 */
export function decodeId(id: string): DecodedId | undefined {
  let text: string;
  try {
    text = decodeBase64Url(id);
  } catch {
    return undefined;
  }
  if (!text.startsWith(scheme)) return undefined;
  const [cluster, type, ...rest] = text.slice(scheme.length).split('/');
  const local = rest.join('/');
  return cluster && type && local ? { cluster, type, local } : undefined;
}

/** The uuid behind an id of the wanted type, given in public form or bare; undefined for anything else. */
export function uuidOf(type: IdType, id: string): string | undefined {
  if (isUuid(id)) return id;
  const decoded = decodeId(id);
  return decoded?.type === type && isUuid(decoded.local) ? decoded.local : undefined;
}

/** A membership's id holds the person and the room. */
export const encodeMembershipId = (personUuid: string, roomUuid: string, cluster?: string): string =>
  encodeId('MEMBERSHIP', `${personUuid}:${roomUuid}`, cluster);

/** Person and room of a membership id; undefined when it is none. */
export function decodeMembershipId(id: string): { personUuid: string; roomUuid: string } | undefined {
  const decoded = decodeId(id);
  if (decoded?.type !== 'MEMBERSHIP') return undefined;
  const [personUuid = '', roomUuid = ''] = decoded.local.split(':');
  return isUuid(personUuid) && isUuid(roomUuid) ? { personUuid, roomUuid } : undefined;
}

/**
 * The cluster part of public ids, from a catalog id such as `urn:TEAM:us-east-2_a:conversation`.
 *
 * @source protocol/conversation.md §4
 */
export function clusterOf(catalogId: string): string {
  const region = catalogId.split(':')[2] ?? '';
  if (region.startsWith('us-east-2_a') || region.startsWith('us-east-1_int13')) return 'us';
  return catalogId.split(':').slice(0, 3).join(':');
}
