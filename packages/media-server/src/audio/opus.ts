/** Samples per second of all audio inside the media server. */
export const sampleRate = 48_000;
/** Samples of one 20 ms frame, mono. */
export const frameSamples = 960;
export const frameMs = 20;
/** bit/s of mixed audio */
const bitrateBps = 32_000;
/** longest Opus packet: 120 ms */
const maxSamples = 5760;

export interface OpusEncoder {
  /** @param samples one frame of 20 ms, mono */
  encode(samples: Int16Array): Buffer;
  close(): void;
}
export interface OpusDecoder {
  /** Mono samples; undefined for a packet that is not Opus. */
  decode(packet: Buffer): Int16Array | undefined;
  close(): void;
}
/** A library that encodes and decodes Opus. */
export interface OpusLibrary {
  readonly name: '@evan/opus' | 'opusscript';
  createEncoder(): OpusEncoder;
  createDecoder(): OpusDecoder;
}

const samplesOf = (bytes: Uint8Array): Int16Array => {
  // a copy: both libraries may use their memory again
  const copy = new Uint8Array(bytes);
  return new Int16Array(copy.buffer, 0, copy.length >> 1);
};
const bytesOf = (samples: Int16Array): Buffer =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

async function loadNative(): Promise<OpusLibrary> {
  const { Encoder, Decoder } = await import('@evan/opus');
  // the binary is loaded with the first codec
  new Decoder({ channels: 1, sample_rate: sampleRate });
  return {
    name: '@evan/opus',
    createEncoder: () => {
      const encoder = new Encoder({ channels: 1, sample_rate: sampleRate, application: 'voip' });
      encoder.bitrate = bitrateBps;
      encoder.inband_fec = true;
      encoder.packet_loss = 5;
      return { encode: (samples) => Buffer.from(encoder.encode(bytesOf(samples))), close: () => undefined };
    },
    createDecoder: () => {
      const decoder = new Decoder({ channels: 1, sample_rate: sampleRate });
      return {
        decode: (packet) => {
          try {
            return samplesOf(decoder.decode(packet));
          } catch {
            return undefined;
          }
        },
        close: () => undefined,
      };
    },
  };
}

async function loadScript(): Promise<OpusLibrary> {
  const { default: OpusScript } = await import('opusscript');
  const create = () => new OpusScript(sampleRate, 1, OpusScript.Application.VOIP);
  return {
    name: 'opusscript',
    createEncoder: () => {
      const codec = create();
      codec.setBitrate(bitrateBps);
      return {
        encode: (samples) => Buffer.from(codec.encode(bytesOf(samples), frameSamples)),
        close: () => {
          codec.delete();
        },
      };
    },
    createDecoder: () => {
      const codec = create();
      return {
        decode: (packet) => {
          try {
            const samples = samplesOf(codec.decode(packet));
            return samples.length > 0 && samples.length <= maxSamples ? samples : undefined;
          } catch {
            return undefined;
          }
        },
        close: () => {
          codec.delete();
        },
      };
    },
  };
}

/** Loads `@evan/opus`, or `opusscript` where its binary does not load. */
export async function loadOpus(choice: 'auto' | OpusLibrary['name'] = 'auto'): Promise<OpusLibrary> {
  if (choice === 'opusscript') return loadScript();
  try {
    return await loadNative();
  } catch (error) {
    if (choice === '@evan/opus') throw error;
    return loadScript();
  }
}
