import { cardContentType, isTooDeep, maxCardBytes, maxCardDepth } from '@trunkline/wire';
import { badRequest } from '../../kernel/http/errors.js';
import { fields, isFields, list } from '../../kernel/http/untrusted.js';

/**
 * The card of an attachment, as text. Unknown elements stay as they are: clients show what they know.
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
  const json = JSON.stringify(card);
  // checked again where it is encrypted; here before any file of the message is fetched
  if (isTooDeep(json, maxCardDepth)) throw badRequest('The card is nested too deep.');
  if (Buffer.byteLength(json) > maxCardBytes)
    throw badRequest(`A card must not have more than ${String(maxCardBytes)} bytes.`);
  return json;
}
