// Limits of what a message holds, before it is encrypted: the same by REST and in the conversation service.

/** Bytes of `text` and of `markdown`, and of `html` as given by REST. @source protocol/hydra-rest.md §3 */
export const maxTextBytes = 7439;
/** Bytes of HTML as it is stored: what markdown becomes is longer than the markdown. */
export const maxHtmlBytes = 32 * 1024;
/** Bytes of JSON of one card. */
export const maxCardBytes = 64 * 1024;
/** Bytes of JSON that are sent off from a card. */
export const maxInputsBytes = 32 * 1024;
/** Levels of arrays and objects in a card and in what is sent off from it. */
export const maxCardDepth = 64;

/** Cuts text to at most `bytes` of UTF-8, at a code point. */
export function cutToBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes));
  return text.slice(0, read);
}
