import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { booleanField, idInField, textField } from '../../kernel/http/fields.js';
import type { Fields } from '../../kernel/http/untrusted.js';

const longestName = 1_000;
const longestDescription = 4_000;

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

/** A name of a room or a team. @throws ApiError 400 when it is missing or too long */
export function nameIn(field: string, body: Fields): string {
  const name = textField(field, body[field])?.trim();
  if (name === undefined || name === '') throw badRequest(`${field} is required.`);
  if (name.length > longestName)
    throw badRequest(`${field} must not have more than ${String(longestName)} characters.`);
  return name;
}
export function descriptionIn(body: Fields): string | undefined {
  const description = textField('description', body['description']);
  if (description !== undefined && description.length > longestDescription)
    throw badRequest(`description must not have more than ${String(longestDescription)} characters.`);
  return description;
}

/** @source protocol/hydra-rest.md §2 */
export function settingsIn(body: Fields): Settings {
  const title = nameIn('title', body);
  // said plainly rather than taken and forgotten
  if (body['classificationId'] !== undefined && body['classificationId'] !== null)
    throw new ApiError(501, 'This service does not know classificationId yet.');
  return {
    title,
    description: descriptionIn(body),
    team: idInField('TEAM', 'teamId', body['teamId']),
    isLocked: booleanField('isLocked', body['isLocked']),
    isPublic: booleanField('isPublic', body['isPublic']),
    isAnnouncementOnly: booleanField('isAnnouncementOnly', body['isAnnouncementOnly']),
    isReadOnly: booleanField('isReadOnly', body['isReadOnly']),
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
