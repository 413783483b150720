// Which fields of what is sent are encrypted; activity-codec.ts decrypts them.
import type { CallInit } from '@trunkline/core';
import { safeHtml, type EncryptionPeer } from '@trunkline/wire';

/** An object to be sent; its content is plain text. */
export interface DraftObject {
  readonly objectType: string;
  readonly [field: string]: unknown;
}
type Fields = Readonly<Record<string, unknown>>;

/** Verbs whose object is encrypted under the conversation's key. @source protocol/kms-and-encryption.md §8 */
export const isSecret = ({
  verb,
  object,
}: {
  readonly verb: string;
  readonly object: DraftObject;
}): boolean =>
  ['post', 'share', 'update', 'assign', 'cardAction'].includes(verb) ||
  (verb === 'add' && object.objectType === 'reaction2');

/**
 * Cipher text for the words of an object, its cards, inputs, and files (`scr` is given as JSON).
 *
 * @source protocol/kms-and-encryption.md §8
 */
export async function encryptObject(
  encryption: EncryptionPeer,
  keyUrl: string,
  object: DraftObject,
  init?: CallInit,
): Promise<DraftObject> {
  const text = (plain: string) => encryption.encryptText(keyUrl, plain, init);
  const fields = async (holder: Fields): Promise<Fields> => {
    const encrypted: Record<string, unknown> = { ...holder };
    for (const name of ['displayName', 'content', 'inputs', 'scr']) {
      const value = holder[name];
      if (typeof value === 'string')
        encrypted[name] = await text(name === 'content' ? safeHtml(value) : value);
    }
    const { image, files, cards } = holder;
    if (Array.isArray(cards))
      encrypted['cards'] = await Promise.all((cards as readonly string[]).map(async (card) => text(card)));
    if (isFields(image)) encrypted['image'] = await fields(image);
    if (isFields(files) && Array.isArray(files['items']))
      encrypted['files'] = { items: await Promise.all((files['items'] as readonly Fields[]).map(fields)) };
    return encrypted;
  };
  return (await fields(object)) as DraftObject;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
