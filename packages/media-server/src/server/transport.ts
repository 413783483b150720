import type { AcceptOptions, Accepted } from '../core/session.js';
import { mediaError, type MediaPhase } from '../errors.js';
import type { EventParams } from '../engine/protocol.js';
import type {
  IncomingTrack,
  MediaTransport,
  Negotiation,
  OutgoingSlot,
  TransportEvents,
  TransportState,
} from '../port/types.js';
import { randomSsrc } from '../rtp/sequence.js';
import { readOffer } from '../sdp/offer.js';
import type { Context, Restorable } from './context.js';
import { createEmitter } from './emitter.js';
import { createSlot, type Slot } from './slot.js';

/** A transport, and what the engine reports about it. */
export interface Transport extends MediaTransport, Restorable {
  readonly onState: (state: TransportState, phase?: MediaPhase) => void;
  onEngine(event: TransportReport): void;
  /** a new engine has everything again */
  renegotiate(reason: string): void;
}
export type TransportReport =
  | { readonly name: 'dtmf'; readonly params: EventParams<'transportDtmf'> }
  | { readonly name: 'channel'; readonly params: EventParams<'transportChannel'> }
  | { readonly name: 'message'; readonly params: EventParams<'transportMessage'> }
  | { readonly name: 'layer'; readonly params: EventParams<'slotLayer'> };

export function createTransport(id: string, context: Context, onClose: () => void): Transport {
  const emitter = createEmitter<TransportEvents>(context.onError);
  const slots = new Map<string, Slot>();
  const tracks = new Map<string, IncomingTrack>();
  let state: TransportState = 'new';

  const setState = (to: TransportState, phase?: MediaPhase): void => {
    if (to === state || state === 'closed') return;
    const from = state;
    state = to;
    emitter.emit('state', { from, to, phase });
  };

  const track = (mid: string): IncomingTrack => {
    let one = tracks.get(mid);
    if (!one) {
      const trackId = `${id}/${mid}`;
      one = {
        id: trackId,
        mid,
        requestKeyframe: () => context.intend('requestKeyframe', { track: trackId }),
      };
      tracks.set(mid, one);
    }
    return one;
  };
  const slotOf = (mid: string): Slot | undefined => slots.get(`${id}:${mid}`);
  const addSlot = (slotId: string, rest: Pick<OutgoingSlot, 'kind' | 'mid' | 'ssrc' | 'rtxSsrc'>): Slot => {
    const slot = createSlot({ id: slotId, transport: id, ...rest }, context, () => {
      slots.delete(slotId);
    });
    slots.set(slotId, slot);
    return slot;
  };

  /** The slots of the sections that the client offers get their SSRCs here, so that they outlive an engine. */
  const prepareSlots = (offer: string): void => {
    for (const { kind, mid, rejected } of readOffer(offer).sections)
      if (!rejected && (kind === 'audio' || kind === 'video') && !slotOf(mid))
        addSlot(`${id}:${mid}`, {
          kind,
          mid,
          ssrc: randomSsrc(),
          rtxSsrc: kind === 'video' ? randomSsrc() : undefined,
        });
  };

  const describe = ({ answer, restarted, data, problems, sections }: Accepted): Negotiation => ({
    ...{ answer, restarted, data, problems },
    tracks: sections.flatMap(({ mid, kind, slides, layers, codecs, receives }) =>
      receives ? [{ ...track(mid), kind, slides, layers, codecs }] : [],
    ),
    slots: sections.flatMap(({ mid, sends }) => (sends ? (slotOf(mid) ?? []) : [])),
  });

  return {
    id,
    get state() {
      return state;
    },
    on: (name, listener, options) => emitter.on(name, listener, options),
    accept: async (offer, options: AcceptOptions = {}) => {
      if (state === 'closed')
        throw mediaError('ERR_MEDIA_CLOSED', 'offer', `accept: transport ${id} is closed.`);
      if (options.announceSources === false) readOffer(offer);
      else prepareSlots(offer);
      const { videoCodecs, announceSources, originName } = options;
      return describe(
        await context.call('accept', {
          transport: id,
          offer,
          slots: [...slots.values()].map(({ identity }) => identity),
          videoCodecs,
          announceSources,
          originName,
        }),
      );
    },
    track,
    slot: slotOf,
    openSlot: async ({ kind, mid, ssrc, rtxSsrc }) => {
      const slot = addSlot(`${id}#${String(ssrc)}`, { kind, mid, ssrc, rtxSsrc });
      await context.intend('openSlot', { transport: id, slot: slot.identity });
      return slot;
    },
    sendMessage: async (label, data) => {
      await context.call('sendMessage', { transport: id, label, data });
    },
    close: async () => {
      if (state === 'closed') return;
      setState('closed');
      emitter.removeAll();
      onClose();
      await context.intend('closeTransport', { transport: id });
    },
    onState: setState,
    onEngine: (report) => {
      if (report.name === 'dtmf')
        emitter.emit('dtmf', { mid: report.params.mid, digit: report.params.digit });
      else if (report.name === 'channel') emitter.emit('channel', { label: report.params.label });
      else if (report.name === 'message')
        emitter.emit('message', { label: report.params.label, data: report.params.data });
      else {
        const { slot, track: from, layer } = report.params;
        emitter.emit('layer', { slot, track: from, layer });
      }
    },
    renegotiate: (reason) => {
      emitter.emit('renegotiate', { reason });
    },
    restore: () => {
      void context.intend('openTransport', { transport: id }).catch(context.onError);
      for (const slot of slots.values()) slot.restore();
    },
  };
}
