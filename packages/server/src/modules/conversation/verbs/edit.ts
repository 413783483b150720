// An edit replaces what it names and keeps the rest of the message, so that every reader of the edit has all of it.
import type { WireFile, WireObject } from '@trunkline/wire';
import { fields, text } from '../../../kernel/http/untrusted.js';
import { findActivity, latestEditOf } from '../activity-store.js';
import type { StoredActivity } from '../api.js';
import type { RuleContext } from '../rule.js';

type Reseal = (ciphertext: string) => Promise<string | undefined>;

/** A message as it is now: its last edit, where there is one, then the message itself. */
async function newest({ write }: RuleContext, id: string): Promise<readonly StoredActivity[]> {
  const found = [await latestEditOf(write.tx, id), await findActivity(write.tx, id)];
  return found.filter((activity) => activity !== undefined);
}

/** `value` under another key; what cannot be read any more is left out. */
const reencrypter =
  ({ kms }: RuleContext, from: string | null, to: string): Reseal =>
  async (ciphertext) => {
    if (from === null || from === to) return ciphertext;
    return kms.decrypt(from, ciphertext).then(
      (plain) => kms.encrypt(to, plain),
      () => undefined,
    );
  };

async function reencrypted(
  from: object,
  names: readonly string[],
  reencrypt: Reseal,
): Promise<Readonly<Record<string, string>>> {
  const sealed: Record<string, string> = {};
  for (const name of names) {
    const value = text(fields(from)[name]);
    const again = value === undefined ? undefined : await reencrypt(value);
    if (again !== undefined) sealed[name] = again;
  }
  return sealed;
}

const fileTexts = ['displayName', 'content', 'scr'];

async function resealedFile(file: WireFile, reencrypt: Reseal): Promise<WireFile> {
  const plain = Object.entries(file).filter(([name]) => !fileTexts.includes(name));
  const { image } = file;
  return {
    ...(Object.fromEntries(plain) as unknown as WireFile),
    ...(await reencrypted(file, fileTexts, reencrypt)),
    ...(image && { image: { ...image, ...(await reencrypted(image, ['scr'], reencrypt)) } }),
  };
}

/**
 * What an edit says, with what it does not name taken from the message: its content (text, HTML and mentions are one), its
 * cards, its files.
 *
 * @param given  object of the edit, encrypted under `keyUrl`; `cards: []` takes the cards away
 * @param id     of the message
 */
export async function withKept(
  context: RuleContext,
  given: WireObject,
  id: string,
  keyUrl: string,
): Promise<WireObject> {
  const before = await newest(context, id);
  const holding = (name: string): StoredActivity | undefined =>
    before.find(({ object }) => object[name] !== undefined);
  const kept: Record<string, unknown> = {};
  const hasContent = ['displayName', 'content', 'markdown'].some((name) => given[name] !== undefined);
  const [content] = before;
  if (!hasContent && content !== undefined) {
    const { mentions, groupMentions } = content.object;
    const reencrypt = reencrypter(context, content.keyUrl, keyUrl);
    Object.assign(kept, await reencrypted(content.object, ['displayName', 'content', 'markdown'], reencrypt));
    if (mentions !== undefined) kept['mentions'] = mentions;
    if (groupMentions !== undefined) kept['groupMentions'] = groupMentions;
  }
  const withCards = given.cards === undefined ? holding('cards') : undefined;
  if (withCards?.object.cards !== undefined) {
    const reencrypt = reencrypter(context, withCards.keyUrl, keyUrl);
    const cards = await Promise.all(withCards.object.cards.map(reencrypt));
    kept['cards'] = cards.filter((card) => card !== undefined);
  }
  const withFiles = given.files === undefined ? holding('files') : undefined;
  if (withFiles?.object.files !== undefined) {
    const { contentCategory, files } = withFiles.object;
    const reencrypt = reencrypter(context, withFiles.keyUrl, keyUrl);
    const items: WireFile[] = [];
    for (const file of files.items) items.push(await resealedFile(file, reencrypt));
    kept['files'] = { items };
    if (contentCategory !== undefined) kept['contentCategory'] = contentCategory;
    kept['objectType'] = 'content';
  }
  return { ...given, ...kept };
}
