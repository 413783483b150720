import { randomUUID } from 'node:crypto';
import type { Upload } from '../platform.js';

type Tell = Parameters<Upload>[3];

const PIECE_BYTES = 65_536;

/** Counts what fetch takes out of the body. Its length is known as before, so that it does not travel in chunks. */
export const countedUpload: Upload = async (send, url, init, tell) =>
  send(url, { ...init, body: await counted(init.body, tell) });

async function counted(
  body: RequestInit['body'],
  tell: Tell,
): Promise<NonNullable<RequestInit['body']> | null> {
  if (body === undefined || body === null) return null;
  if (body instanceof ReadableStream) return metered(body as ReadableStream<Uint8Array>, tell);
  if (body instanceof FormData) return new CountedBlob(formBlob(body), tell);
  if (body instanceof Blob) return new CountedBlob(body, tell);
  // whatever fetch takes: it says the type and the bytes
  return new CountedBlob(await new Response(body).blob(), tell);
}

/** The same bytes in pieces that are counted as they are taken: a Blob in memory comes as one. */
function metered(
  source: ReadableStream<Uint8Array>,
  tell: Tell,
  totalBytes?: number,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let rest: Uint8Array = new Uint8Array();
  let sentBytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (rest.length === 0) {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
            return;
          }
          rest = value;
        }
        const piece = rest.subarray(0, PIECE_BYTES);
        rest = rest.subarray(PIECE_BYTES);
        sentBytes += piece.length;
        tell(sentBytes, totalBytes);
        controller.enqueue(piece);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

// Fetch reads a Blob through its stream, and takes length and type from it. So do we: what it gives may be made as it is
// read, and its own bytes be none.
class CountedBlob extends Blob {
  readonly #blob: Blob;
  readonly #tell: Tell;
  constructor(blob: Blob, tell: Tell) {
    super([], { type: blob.type });
    this.#blob = blob;
    this.#tell = tell;
  }
  override get size(): number {
    return this.#blob.size;
  }
  override stream(): ReturnType<Blob['stream']> {
    const stream = metered(this.#blob.stream(), this.#tell, this.size) as ReturnType<Blob['stream']>;
    // Node's fetch splits the body, in case that it must send it again, and the half that no one reads would keep all of
    // it; neither of these begins before it is read
    return Object.assign(stream, {
      tee: () => [this.stream(), this.stream()] as [typeof stream, typeof stream],
    });
  }
}

/** What fetch makes of a form, without reading the files in it. @source RFC 7578, HTML §4.10.21.8 */
function formBlob(form: FormData): Blob {
  const boundary = `----trunkline-${randomUUID()}`;
  const parts: (string | Blob)[] = [];
  const lines = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n');
  const quoted = (text: string): string =>
    `"${text.replace(/["\r\n]/g, (mark) => (mark === '"' ? '%22' : mark === '\r' ? '%0D' : '%0A'))}"`;
  for (const [name, value] of form) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name=${quoted(lines(name))}`);
    if (typeof value === 'string') parts.push('\r\n\r\n', lines(value));
    else
      parts.push(
        `; filename=${quoted(value.name)}\r\n`,
        `Content-Type: ${value.type === '' ? 'application/octet-stream' : value.type}\r\n\r\n`,
        value,
      );
    parts.push('\r\n');
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}
