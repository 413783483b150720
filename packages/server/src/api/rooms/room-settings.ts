import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { idInField } from '../../kernel/http/fields.js';
import {
  anyType,
  asFlag,
  asText,
  defineBody,
  flagType,
  idType,
  type LooseText,
  textType,
} from '../../kernel/http/operation.js';

const longestName = 1_000;
const longestDescription = 4_000;

export const roomBody = defineBody(
  {
    title: textType('The name of the room, up to 1,000 characters.'),
    description: textType('Up to 4,000 characters. A public room needs one.'),
    teamId: idType('The team that the room belongs to.'),
    isLocked: flagType('Only moderators change the room and its members.'),
    isPublic: flagType('Everyone of the organisation can find and join the room.'),
    isAnnouncementOnly: flagType('Only moderators post. The room must be locked.'),
    isReadOnly: flagType('No one posts.'),
    classificationId: anyType('Not supported: refused with 501 when it is given.'),
  },
  ['title'],
);
export type RoomBody = ReturnType<typeof roomBody.read>;

/** What a user wants a room to be. */
export interface Settings {
  readonly title: string;
  readonly description: string | undefined;
  /** bare uuid */
  readonly team: string | undefined;
  readonly isLocked: boolean | undefined;
  readonly isPublic: boolean | undefined;
  readonly isAnnouncementOnly: boolean | undefined;
  readonly isReadOnly: boolean | undefined;
}

/** A name of a room or a team. @throws ApiError 400 when it is empty or too long */
export function checkedName(field: string, value: LooseText | undefined): string {
  const name = asText(value)?.trim();
  if (name === undefined || name === '') throw badRequest(`${field} is required.`);
  if (name.length > longestName)
    throw badRequest(`${field} must not have more than ${String(longestName)} characters.`);
  return name;
}
export function checkedDescription(value: LooseText | undefined): string | undefined {
  const description = asText(value);
  if (description !== undefined && description.length > longestDescription)
    throw badRequest(`description must not have more than ${String(longestDescription)} characters.`);
  return description;
}

/** @source protocol/hydra-rest.md §2 */
export function settingsIn(body: RoomBody): Settings {
  const title = checkedName('title', body.title);
  // said plainly rather than taken and forgotten
  if (body.classificationId !== undefined && body.classificationId !== null)
    throw new ApiError(501, 'This service does not know classificationId yet.');
  return {
    title,
    description: checkedDescription(body.description),
    team: idInField('TEAM', 'teamId', body.teamId),
    isLocked: asFlag(body.isLocked),
    isPublic: asFlag(body.isPublic),
    isAnnouncementOnly: asFlag(body.isAnnouncementOnly),
    isReadOnly: asFlag(body.isReadOnly),
  };
}

/** @param described whether the room has a description, from before or with this. @throws ApiError 400 */
export function checkCombination(settings: Settings, isLocked: boolean, described: boolean): void {
  if (settings.isAnnouncementOnly === true && !isLocked)
    throw badRequest('Only a locked room can be for announcements only.');
  if (settings.isPublic === true && !described) throw badRequest('A public room needs a description.');
}

export function tagsFor(settings: Settings, before: readonly string[]): readonly string[] {
  const tags = new Set(before);
  const set = (tag: string, on: boolean | undefined): void => {
    if (on === true) tags.add(tag);
    if (on === false) tags.delete(tag);
  };
  set('ANNOUNCEMENT', settings.isAnnouncementOnly);
  set('READ_ONLY', settings.isReadOnly);
  set('PUBLIC', settings.isPublic);
  return [...tags];
}
