import { anyType, asText, defineBody, idType, textType } from '../../kernel/http/operation.js';
// What a message is made of, out of JSON or out of a form.
import type { Multipart } from '@fastify/multipart';
import { fetchedFile, maxTextBytes, safeName } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { excessIn } from '../../kernel/http/bodies.js';
import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { idInField } from '../../kernel/http/fields.js';
import { fields, type Fields, list } from '../../kernel/http/untrusted.js';
import type { Upload } from '../../modules/files/api.js';
import type { Caller } from '../../modules/identity/api.js';
import type { Rest } from '../tools.js';
import { cardIn } from './cards.js';

const noDestination =
  'Message destination could not be determined. Provide only one destination in the roomId, toPersonEmail, or toPersonId field';

const content = {
  text: textType('Plain text; shown where markdown and html are not.'),
  markdown: textType('Text in Markdown.'),
  html: textType('Text in HTML; only harmless elements are kept.'),
};
export const newMessage = defineBody({
  roomId: idType('The room, unless a person is given.'),
  toPersonId: idType('The other person of a direct room.'),
  toPersonEmail: textType('The email address of the other person of a direct room.'),
  parentId: idType('The message that this one is a reply to.'),
  ...content,
  files: anyType('A list with one URL of a file; a file itself is a part of a multipart/form-data body.'),
  attachments: anyType('A list with one card.'),
});
type NewMessage = ReturnType<typeof newMessage.read>;
export const editedMessage = defineBody({
  roomId: idType('The room of the message.'),
  ...content,
  files: anyType('Not supported in an edit.'),
  attachments: anyType('Not supported in an edit.'),
});

export interface MessageText {
  readonly text: string | undefined;
  readonly markdown: string | undefined;
  readonly html: string | undefined;
}
export interface ReceivedFile {
  readonly upload: Upload;
  readonly name: string;
  readonly mimeType: string;
}
export interface MessageBody extends MessageText {
  readonly destination:
    { readonly roomId: string } | { readonly personId: string } | { readonly personEmail: string };
  readonly parentId: string | undefined;
  /** JSON of each card */
  readonly cards: readonly string[];
  readonly files: readonly ReceivedFile[];
}

export function textIn(body: Pick<NewMessage, 'text' | 'markdown' | 'html'>): MessageText {
  const read = (name: 'text' | 'markdown' | 'html'): string | undefined => {
    const value = asText(body[name]);
    if (value !== undefined && Buffer.byteLength(value) > maxTextBytes)
      throw badRequest(`${name} must not have more than ${String(maxTextBytes)} bytes.`);
    return value === '' ? undefined : value;
  };
  return { text: read('text'), markdown: read('markdown'), html: read('html') };
}

function destinationIn(body: NewMessage): MessageBody['destination'] {
  const room = idInField('ROOM', 'roomId', body.roomId);
  const person = idInField('PEOPLE', 'toPersonId', body.toPersonId);
  const personEmail = asText(body.toPersonEmail);
  const given = [room, person, personEmail].filter((value) => value !== undefined && value !== '');
  if (given.length !== 1) throw badRequest(noDestination);
  if (room !== undefined) return { roomId: room };
  return person === undefined ? { personEmail: personEmail ?? '' } : { personId: person };
}

function cardsIn(value: unknown): readonly string[] {
  let parsed = value;
  // in a form every field is a text
  if (value === '') return [];
  if (typeof value === 'string') {
    if (excessIn(value) !== undefined) throw badRequest('attachments is nested too deep or too long.');
    try {
      parsed = JSON.parse(value);
    } catch {
      throw badRequest('attachments is not valid JSON.');
    }
  }
  if (parsed === undefined || parsed === null) return [];
  if (!Array.isArray(parsed)) throw badRequest('attachments must be a list.');
  if (parsed.length > 1) throw badRequest('A message has at most one attachment.');
  return list(parsed).map(cardIn);
}

// browsers and fetch write a quote and line ends in the name of a part like this, and nothing else
const partName = (name: string | undefined): string =>
  safeName(name?.replace(/%22/g, '"').replace(/%0[AD]/gi, ''));

async function fetched(
  rest: Rest,
  request: FastifyRequest,
  caller: Caller,
  url: string,
): Promise<ReceivedFile> {
  const waiting = { userId: caller.user.id, socket: request.raw.socket };
  return rest.files.remote.fetch(url, waiting, async (response) => {
    const { headers } = response;
    const file = fetchedFile(url, headers['content-disposition'], headers['content-type']);
    const upload = await rest.files.take(response, rest.kernel.urls(request));
    return { upload, ...file };
  });
}

/** The parts of a form. What is wrong with the form is the client's fault; what a consumer throws passes. */
async function* partsOf(request: FastifyRequest, fileSize: number): AsyncGenerator<Multipart> {
  const limits = { fields: 20, fieldSize: 256 * 1024, files: 2, fileSize };
  try {
    yield* request.parts({ limits });
  } catch (error) {
    const known = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
    throw known || error instanceof ApiError ? error : badRequest('The form is not well formed.');
  }
}

async function formParts(
  rest: Rest,
  request: FastifyRequest,
  files: ReceivedFile[],
): Promise<{ body: Fields; urls: readonly unknown[] }> {
  const body: Record<string, unknown> = {};
  const urls: unknown[] = [];
  for await (const part of partsOf(request, rest.kernel.config.limits.fileBytes)) {
    if (part.type === 'field') {
      if (part.fieldname === 'files' || part.fieldname === 'files[]') {
        if (part.value !== '') urls.push(part.value);
      } else body[part.fieldname] = part.value;
      continue;
    }
    if (files.length > 0) throw badRequest('A message has at most one file.');
    const upload = await rest.files.take(part.file, rest.kernel.urls(request)).catch((error: unknown) => {
      throw part.file.errored === null || error instanceof ApiError
        ? error
        : badRequest('The form is not well formed.');
    });
    // an input of a page in which no file was chosen
    if (upload.size === 0 && !part.filename) {
      await rest.files.discard(upload);
      continue;
    }
    files.push({ upload, name: partName(part.filename), mimeType: part.mimetype });
    if (part.file.truncated) throw new ApiError(413, 'The file is too large.');
  }
  return { body, urls };
}

/**
 * Reads the whole request. Files come encrypted on the disk; when anything is wrong they are gone again.
 *
 * @source protocol/hydra-rest.md §3
 */
export async function readMessage(rest: Rest, request: FastifyRequest, caller: Caller): Promise<MessageBody> {
  const files: ReceivedFile[] = [];
  try {
    const { body: given, urls } = request.isMultipart()
      ? await formParts(rest, request, files)
      : { body: request.body, urls: fileUrls(fields(request.body)['files']) };
    const body = newMessage.read(given);
    const destination = destinationIn(body);
    const parentId = idInField('MESSAGE', 'parentId', body.parentId);
    const content = textIn(body);
    const cards = cardsIn(body.attachments);
    const { text, markdown, html } = content;
    const empty = text === undefined && markdown === undefined && html === undefined;
    if (cards.length > 0 && empty)
      throw badRequest('A message with attachments needs text or markdown as well.');
    if (urls.length + files.length > 1) throw badRequest('A message has at most one file.');
    if (empty && urls.length + files.length === 0)
      throw badRequest('A message needs text, markdown, html, files or attachments.');
    for (const url of urls) {
      if (typeof url !== 'string')
        throw badRequest(
          'files must be a list of URLs; bytes travel as parts of a multipart/form-data body.',
        );
      files.push(await fetched(rest, request, caller, url));
    }
    return { ...content, destination, parentId, cards, files };
  } catch (error) {
    await discard(rest, files);
    throw error;
  }
}

function fileUrls(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest('files must be a list of URLs.');
  return value as unknown[];
}

export async function discard(rest: Rest, files: readonly ReceivedFile[]): Promise<void> {
  for (const { upload } of files) await rest.files.discard(upload);
}
