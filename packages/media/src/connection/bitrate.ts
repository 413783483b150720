/** What a camera may send by the size of its picture, in bits per second. The values are those of transcoded meetings. */
const steps = [
  { pixels: 640 * 360, maxBps: 800_000 },
  { pixels: 640 * 480, maxBps: 1_200_000 },
  { pixels: 1280 * 720, maxBps: 2_500_000 },
] as const;
const most = 4_000_000;

export const maxVideoBps = (width: number, height: number): number =>
  steps.find(({ pixels }) => width * height <= pixels)?.maxBps ?? most;

/** Limits a video sender by the size of its track's picture; a browser that refuses sends as it likes. */
export async function limitSender(sender: RTCRtpSender): Promise<void> {
  const { width, height } = sender.track?.getSettings() ?? {};
  if (width === undefined || height === undefined) return;
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  const maxBitrate = maxVideoBps(width, height);
  if (encoding === undefined || encoding.maxBitrate === maxBitrate) return;
  encoding.maxBitrate = maxBitrate;
  await sender.setParameters(parameters).catch(() => undefined);
}
