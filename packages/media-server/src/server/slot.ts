import type { OutgoingSlot } from '../port/types.js';
import type { CommandParams } from '../engine/protocol.js';
import type { Context, Restorable } from './context.js';

type Identity = CommandParams<'openSlot'>['slot'];
/** A slot, as the engine knows it. */
export interface Slot extends OutgoingSlot, Restorable {
  readonly identity: Identity;
  readonly transport: string;
}

export function createSlot(
  {
    id,
    transport,
    kind,
    mid,
    ssrc,
    rtxSsrc,
  }: Pick<OutgoingSlot, 'id' | 'kind' | 'mid' | 'ssrc' | 'rtxSsrc'> & { readonly transport: string },
  context: Context,
  onClose: () => void,
): Slot {
  const identity: Identity = { slot: id, mid, kind, ssrc, rtxSsrc };
  /** what the caller wishes; undefined until it wishes something, because a mix may use the slot */
  let wished: { readonly track: string | undefined; readonly maxLayer: number | undefined } | undefined;
  const tell = () =>
    context.intend('route', { transport, slot: id, track: wished?.track, maxLayer: wished?.maxLayer });
  return {
    id,
    transport,
    identity,
    kind,
    mid,
    ssrc,
    rtxSsrc,
    route: async (track, { maxLayer } = {}) => {
      wished = { track: track?.id, maxLayer };
      await tell();
    },
    sendDtmf: async (digits, { durationMs, gapMs } = {}) => {
      await context.call('sendDtmf', { transport, slot: id, digits, durationMs, gapMs });
    },
    close: async () => {
      onClose();
      await context.intend('closeSlot', { transport, slot: id });
    },
    restore: () => {
      void context.intend('openSlot', { transport, slot: identity }).catch(context.onError);
      if (wished) void tell().catch(context.onError);
    },
  };
}
