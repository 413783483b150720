import { mediaError } from '../errors.js';
import type { BareLibrary } from './types.js';

/** `auto`: node-datachannel where its binary loads, else werift. */
export type TransportChoice = 'auto' | 'node-datachannel' | 'werift';

/** Loads the library that carries the transports. Each is loaded only when it is used. */
export async function loadLibrary(
  choice: TransportChoice,
  onError: (error: unknown) => void,
): Promise<BareLibrary> {
  const werift = async (): Promise<BareLibrary> => (await import('./werift.js')).createWerift(onError);
  if (choice === 'werift') return werift();
  try {
    return (await import('./node-datachannel.js')).createNodeDataChannel(onError);
  } catch (cause) {
    if (choice === 'auto') return werift();
    throw mediaError(
      'ERR_MEDIA_NOT_SUPPORTED',
      'setup',
      'transport: the binary of node-datachannel cannot be loaded on this system. Use "auto" or "werift".',
      { cause },
    );
  }
}
