/**
 * Makes a function that frees the memory of a buffer that is no longer needed; the buffer becomes unusable.
 *
 * Browsers keep the bytes of a dropped buffer until their garbage collector runs, also after `ArrayBuffer.transfer(0)`;
 * over a file of 100 MB that adds up to another file. A buffer that is moved to a closed port is freed at once.
 */
export function createRelease(): (bytes: Uint8Array<ArrayBuffer>) => void {
  if (typeof MessageChannel === 'undefined') return () => undefined;
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return ({ buffer }) => {
    try {
      port1.postMessage(undefined, [buffer]);
    } catch {
      // then the garbage collector frees it later
    }
  };
}
