// Which fields are cipher text, and how they are made readable: in place, because a frame that was just parsed is ours,
// and at once where the platform can, because promises would cost more than the decryption.
import { safeHtml, type EncryptionPeer } from '@trunkline/wire';

type Fields = Record<string, unknown>;

/** One piece of reading. */
interface Reading {
  readonly encryption: EncryptionPeer | undefined;
  /** fields whose key is not here yet, or whose platform has only promises */
  waits: Promise<void>[] | undefined;
  failed: boolean;
}

/**
 * Makes an activity readable, in place. A field that cannot be read becomes an empty text, and the activity gets
 * `decryptionFailed: true`. Answers a promise only when something could not be done at once; it never rejects.
 *
 * @source protocol/kms-and-encryption.md §8
 */
export function readActivity(
  encryption: EncryptionPeer | undefined,
  activity: object,
): Promise<void> | undefined {
  const reading: Reading = { encryption, waits: undefined, failed: false };
  activityFields(reading, activity as Fields, undefined);
  if (reading.waits !== undefined)
    return Promise.all(reading.waits).then(() => {
      if (reading.failed) (activity as Fields)['decryptionFailed'] = true;
    });
  if (reading.failed) (activity as Fields)['decryptionFailed'] = true;
  return undefined;
}

/** The same for a conversation and what is in it; a title that cannot be read gives `titleEncrypted: true`. */
export function readConversation(
  encryption: EncryptionPeer | undefined,
  conversation: object,
  inherited?: string,
): Promise<void> | undefined {
  const reading: Reading = { encryption, waits: undefined, failed: false };
  const fields = conversation as Fields;
  conversationFields(reading, fields, inherited);
  const inside = itemsOf(fields['activities']).map((activity) => readActivity(encryption, activity));
  const settle = (): void => {
    if (reading.failed) fields['titleEncrypted'] = true;
  };
  const waits = [...(reading.waits ?? []), ...inside.filter((wait) => wait !== undefined)];
  if (waits.length > 0) return Promise.all(waits).then(settle);
  settle();
  return undefined;
}

function activityFields(reading: Reading, activity: Fields, inherited: string | undefined): void {
  const keyUrl = textOf(activity['encryptionKeyUrl']) ?? inherited;
  const object = activity['object'];
  if (isFields(object)) objectFields(reading, object, keyUrl);
  const target = activity['target'];
  if (isFields(target) && target['displayName'] !== undefined) {
    // a title that cannot be read does not make the message unreadable
    const title = readConversation(reading.encryption, target, keyUrl);
    if (title !== undefined) (reading.waits ??= []).push(title);
  }
  const children = activity['children'];
  if (Array.isArray(children))
    for (const child of children as unknown[]) {
      const nested = isFields(child) ? (child['activity'] ?? child) : undefined;
      if (isFields(nested)) activityFields(reading, nested, keyUrl);
    }
}

/** `inherited`: key of the activity or of the object round it; one of its own wins. */
function objectFields(reading: Reading, object: Fields, inherited: string | undefined): void {
  const keyUrl = textOf(object['encryptionKeyUrl']) ?? inherited;
  const type = object['objectType'];
  if (type !== 'comment' && type !== 'content') plainHtml(object);
  switch (type) {
    case 'comment':
      field(reading, object, 'displayName', keyUrl);
      field(reading, object, 'content', keyUrl);
      field(reading, object, 'markdown', keyUrl);
      list(reading, object, 'cards', keyUrl);
      return;
    case 'content':
      field(reading, object, 'displayName', keyUrl);
      field(reading, object, 'content', keyUrl);
      field(reading, object, 'markdown', keyUrl);
      list(reading, object, 'cards', keyUrl);
      for (const file of itemsOf(object['files'])) objectFields(reading, typed(file, 'file'), keyUrl);
      for (const link of itemsOf(object['links'])) objectFields(reading, typed(link, 'link'), keyUrl);
      return;
    case 'file': {
      field(reading, object, 'displayName', keyUrl);
      field(reading, object, 'content', keyUrl);
      field(reading, object, 'scr', keyUrl);
      const image = object['image'];
      if (isFields(image)) field(reading, image, 'scr', keyUrl);
      for (const made of itemsOf(object['transcodedCollection']))
        objectFields(reading, typed(made, 'transcodedContent'), keyUrl);
      return;
    }
    case 'transcodedContent':
      for (const file of itemsOf(object['files'])) objectFields(reading, typed(file, 'file'), keyUrl);
      return;
    case 'conversation':
      conversationFields(reading, object, inherited);
      return;
    case 'link':
      field(reading, object, 'displayName', keyUrl);
      field(reading, object, 'sslr', keyUrl);
      return;
    case 'event':
      field(reading, object, 'displayName', keyUrl);
      if (isJwe(object['location'])) field(reading, object, 'location', keyUrl);
      return;
    case 'submit':
      field(reading, object, 'inputs', keyUrl);
      return;
    case 'reaction2':
    case 'meetingContainer':
      field(reading, object, 'displayName', keyUrl);
      return;
    case 'reaction2Summary':
    case 'reaction2SelfSummary':
      for (const reaction of arrayOf(object['reactions'])) field(reading, reaction, 'displayName', keyUrl);
      return;
    case 'microappInstance':
      field(reading, object, 'model', keyUrl);
      return;
    case 'imageURI':
      field(reading, object, 'location', keyUrl);
      return;
    case 'activity':
      // an activity that was fetched together with the one about it
      if (isFields(object['object'])) activityFields(reading, object, keyUrl);
      return;
    default:
  }
}

// A conversation's title may travel in clear beside a key: made up by the service, or set before there was one.
function conversationFields(reading: Reading, conversation: Fields, inherited: string | undefined): void {
  const keyUrl = textOf(conversation['encryptionKeyUrl']) ?? inherited;
  for (const at of [conversation, conversation['previous'], conversation['previousValue']])
    if (isFields(at)) {
      plainHtml(at);
      if (isJwe(at['displayName'])) field(reading, at, 'displayName', keyUrl);
      if (isJwe(at['content'])) field(reading, at, 'content', keyUrl);
    }
  const avatar = conversation['avatar'];
  if (isFields(avatar))
    objectFields(reading, avatar, textOf(conversation['avatarEncryptionKeyUrl']) ?? keyUrl);
}

/** With a key, a field is cipher text or it is wrong: plain text in its place is not shown as if it had been secret. */
function field(reading: Reading, holder: Fields, name: string, keyUrl: string | undefined): void {
  const value = holder[name];
  if (typeof value !== 'string' || value === '') return;
  if (keyUrl === undefined) {
    // without a key it is plain text, or no one can say what it is
    if (isJwe(value)) fail(reading, holder, name);
    else if (name === 'content') plainHtml(holder);
    return;
  }
  if (reading.encryption === undefined) {
    fail(reading, holder, name);
    return;
  }
  try {
    const plain = reading.encryption.decryptText(keyUrl, value);
    if (typeof plain === 'string') holder[name] = name === 'content' ? safeHtml(plain) : plain;
    else wait(reading, holder, name, plain);
  } catch {
    fail(reading, holder, name);
  }
}

function wait(
  reading: Reading,
  holder: Record<string, unknown> | unknown[],
  name: string | number,
  plain: Promise<string>,
): void {
  const at = holder as Record<string | number, unknown>;
  (reading.waits ??= []).push(
    plain.then(
      (text) => {
        at[name] = name === 'content' ? safeHtml(text) : text;
      },
      () => {
        fail(reading, at, name);
      },
    ),
  );
}

/** Content that is not a cipher text: of conversations, and of what has no key. */
function plainHtml(holder: Fields): void {
  const content = holder['content'];
  if (typeof content === 'string' && !isJwe(content)) holder['content'] = safeHtml(content);
}

function fail(reading: Reading, holder: Record<string | number, unknown>, name: string | number): void {
  holder[name] = '';
  reading.failed = true;
}

/** A list of texts, each encrypted by itself. */
function list(reading: Reading, holder: Fields, name: string, keyUrl: string | undefined): void {
  const values = holder[name];
  if (!Array.isArray(values)) return;
  const texts = values as unknown as Fields;
  for (let at = 0; at < values.length; at += 1) field(reading, texts, String(at), keyUrl);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const arrayOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const itemsOf = (value: unknown): readonly Fields[] => (isFields(value) ? arrayOf(value['items']) : []);
/** Items of a list of files may leave out what they are. */
const typed = (item: Fields, objectType: string): Fields => {
  item['objectType'] ??= objectType;
  return item;
};
/** Five parts, the first a JSON object in base64url, and that of a header begins so. */
const isJwe = (value: unknown): boolean =>
  typeof value === 'string' && value.startsWith('eyJ') && value.split('.').length === 5;
