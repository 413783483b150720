import { cardContentType } from '@trunkline/wire';
import { badRequest } from '../../http/errors.js';
import { fields, isFields, list } from '../untrusted.js';

const longestCard = 64 * 1024;
const deepest = 64;

/** Goes through everything in a card; `visit` says when it has seen enough. True when it did. */
function search(value: unknown, visit: (value: object, depth: number) => boolean, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    visit(value, depth) || Object.values(value).some((inner: unknown) => search(inner, visit, depth + 1))
  );
}

/** Whether there is something to send off in it, wherever it stands. */
export const hasSubmit = (card: unknown): boolean =>
  search(card, (value) => fields(value)['type'] === 'Action.Submit');

/**
 * The card of an attachment, as text. Elements that nobody here knows stay as they are: clients show what they know.
 *
 * @throws ApiError 400 when it is none
 * @source protocol/hydra-rest.md §3.3
 */
export function cardIn(entry: unknown): string {
  const attachment = fields(entry);
  const card = attachment['content'];
  if (attachment['contentType'] !== cardContentType || !isFields(card))
    throw badRequest(`An attachment needs the contentType ${cardContentType} and its content.`);
  if (card['type'] !== 'AdaptiveCard') throw badRequest('The content of a card needs the type AdaptiveCard.');
  const { version } = card;
  if (version !== undefined && (typeof version !== 'string' || !/^\d+\.\d+$/.test(version)))
    throw badRequest('The version of a card must be a text such as 1.3.');
  for (const name of ['body', 'actions']) {
    const elements = card[name];
    if (elements === undefined) continue;
    const good = list(elements).every((element) => typeof fields(element)['type'] === 'string');
    if (!Array.isArray(elements) || !good)
      throw badRequest(`The ${name} of a card must be a list of elements, each with its type.`);
  }
  if (search(card, (_, depth) => depth > deepest)) throw badRequest('The card is nested too deep.');
  const json = JSON.stringify(card);
  if (Buffer.byteLength(json) > longestCard)
    throw badRequest(`A card must not have more than ${String(longestCard)} bytes.`);
  return json;
}
