export * from './handlers.js';
export { checkOffer, codecMismatches, type CodecMismatch, type OfferRules } from './check.js';
export { parseSdp, writeSdp, type SdpMedia, type SdpSession } from './session.js';
