import type { CallInit, EncryptionPeer, WireFile } from '@trunkline/wire';

/** A file as it leaves: name and parameters, its picture's too, under the conversation's key. */
export async function secretFile(
  encryption: EncryptionPeer,
  keyUrl: string,
  file: WireFile,
  init?: CallInit,
): Promise<WireFile> {
  const seal = (text: string): string | Promise<string> => encryption.encryptText(keyUrl, text, init);
  const { displayName, scr, image } = file;
  return {
    ...file,
    ...(displayName !== undefined && { displayName: await seal(displayName) }),
    ...(scr !== undefined && { scr: await seal(scr) }),
    ...(image && { image: { ...image, ...(image.scr !== undefined && { scr: await seal(image.scr) }) } }),
  };
}
