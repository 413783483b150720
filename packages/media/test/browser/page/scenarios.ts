import { connectPair, pixels, play, until } from './peers.js';

/** First slice: camera and microphone, by plain tracks, to a second peer connection through ROAP messages. */
export async function sendsPlainTracks(): Promise<object> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 240 },
  });
  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  const pair = connectPair();
  await pair.client.setSource('audio', audio);
  await pair.client.setSource('video', video);
  const started = performance.now();
  await pair.client.connect();
  const connectedMs = performance.now() - started;
  const { remote } = pair.service();
  play(remote['audio']);
  const inbound = await until('sound and picture', () => {
    const stats = pair.service().stats?.inbound ?? [];
    const sound = stats.find(({ slot }) => slot === 'audio');
    const picture = stats.find(({ slot }) => slot === 'video');
    return (sound?.audioLevel ?? 0) > 0 && (picture?.framesDecoded ?? 0) > 5 ? stats : undefined;
  });
  const picture = await pixels(remote['video'] ?? new MediaStream());
  const sdp = pair.client.peerConnection?.localDescription?.sdp ?? '';
  const result = {
    connectedMs,
    state: pair.client.state,
    mids: [...sdp.matchAll(/^a=mid:(.*?)\r?$/gm)].map(([, mid]) => mid),
    log: pair.log,
    slots: inbound.map(({ slot }) => slot),
    picture,
    appTracks: stream.getTracks().map(({ readyState, enabled }) => `${readyState} ${String(enabled)}`),
  };
  pair.close();
  const after = stream.getTracks().map(({ readyState }) => readyState);
  for (const track of stream.getTracks()) track.stop();
  return { ...result, after };
}
