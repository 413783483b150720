import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { mediaError } from '../errors.js';
import type { OpusLibrary } from './opus.js';
import type { OpenReader } from './player.js';
import { toMono48k } from './resample.js';

const unreadable = (file: string, cause?: unknown) =>
  mediaError(
    'ERR_MEDIA_FILE',
    'play',
    `player: ${file} cannot be read. Expected WebM or Ogg with Opus, or WAV.`,
    { cause },
  );

/** Reads the first audio track of a file: Opus in WebM or Ogg, 16-bit samples in WAV. */
export const readFile =
  (opus: OpusLibrary, file: string): OpenReader =>
  async () => {
    const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(file) });
    const track = await input.getPrimaryAudioTrack().catch((cause: unknown) => {
      input.dispose();
      throw unreadable(file, cause);
    });
    const codec = await track?.getCodec();
    if (!track || (codec !== 'opus' && codec !== 'pcm-s16')) {
      input.dispose();
      throw unreadable(file);
    }
    const packets = new EncodedPacketSink(track).packets();
    const decoder = codec === 'opus' ? opus.createDecoder() : undefined;
    const [channels, rate] = await Promise.all([track.getNumberOfChannels(), track.getSampleRate()]);
    return {
      read: async () => {
        const { value, done } = await packets.next();
        if (done === true) return undefined;
        const bytes = Buffer.from(value.data);
        if (decoder) return decoder.decode(bytes) ?? new Int16Array(0);
        const samples = new Int16Array(
          bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)),
        );
        return toMono48k(samples, channels, rate);
      },
      close: () => {
        decoder?.close();
        void packets.return(undefined);
        input.dispose();
      },
    };
  };
