// Runs in the page: a client with three media sections, as the official one offers them.
/* global window, document, navigator, performance, requestAnimationFrame */
const clients = new Map();

const gathered = (pc) =>
  pc.iceGatheringState === 'complete'
    ? Promise.resolve()
    : new Promise((resolve) => {
        pc.addEventListener(
          'icegatheringstatechange',
          () => pc.iceGatheringState === 'complete' && resolve(),
        );
        setTimeout(resolve, 1500);
      });

/** A picture that moves, with a colour of its own, at a size of its own. */
function paint(width, height, colour) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  let at = 0;
  setInterval(() => {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'white';
    at = (at + 7) % width;
    context.fillRect(at, 0, 8, height);
  }, 40);
  return canvas.captureStream(25).getVideoTracks()[0];
}
/** A tone; `gain` can be changed. */
function tone(frequency) {
  const audio = new AudioContext();
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  const target = audio.createMediaStreamDestination();
  oscillator.frequency.value = frequency;
  gain.gain.value = 0.3;
  oscillator.connect(gain).connect(target);
  oscillator.start();
  return { track: target.stream.getAudioTracks()[0], gain: gain.gain };
}

function show(client, { track, transceiver }) {
  const element = document.createElement(track.kind);
  element.autoplay = true;
  element.muted = track.kind === 'video';
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
  client.elements.set(transceiver.mid, element);
  if (track.kind !== 'video') return;
  const frame = (_, { width, height }) => {
    client.frames.push({ mid: transceiver.mid, at: performance.now(), width, height });
    element.requestVideoFrameCallback(frame);
  };
  element.requestVideoFrameCallback(frame);
}

const codecs = (names) =>
  RTCRtpReceiver.getCapabilities('video').codecs.filter(({ mimeType }) =>
    [...names, 'rtx'].some((name) => mimeType.toLowerCase() === `video/${name}`),
  );

window.client = {
  async open(
    name,
    {
      colour = 'red',
      frequency = 440,
      width = 320,
      height = 180,
      video = ['H264', 'VP8'],
      simulcast = false,
      data = false,
    } = {},
  ) {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-compat' });
    const sound = tone(frequency);
    const picture = paint(width, height, colour);
    const client = { pc, sound, picture, elements: new Map(), frames: [], messages: [] };
    clients.set(name, client);
    pc.ontrack = (event) => show(client, event);
    const stream = new MediaStream([sound.track, picture]);
    pc.addTransceiver(sound.track, { direction: 'sendrecv', streams: [stream] });
    const encodings = simulcast
      ? [
          { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
          { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
          { rid: 'f', maxBitrate: 1_500_000 },
        ]
      : [{ maxBitrate: 600_000 }];
    const main = pc.addTransceiver(picture, {
      direction: 'sendrecv',
      streams: [stream],
      sendEncodings: encodings,
    });
    const slides = pc.addTransceiver('video', { direction: 'recvonly' });
    const wanted = codecs(video.map((one) => one.toLowerCase()));
    for (const one of [main, slides]) one.setCodecPreferences(wanted);
    if (data) {
      client.data = pc.createDataChannel('datachannel', { ordered: false, maxRetransmits: 0 });
      client.data.onmessage = ({ data: message }) => client.messages.push(message);
    }
    return this.offer(name, { keepExtensions: simulcast });
  },
  /** As the official client: no header extensions, and the second picture is slides. */
  async offer(name, { keepExtensions = false, restart = false } = {}) {
    const { pc } = clients.get(name);
    if (restart) pc.restartIce();
    await pc.setLocalDescription();
    await gathered(pc);
    const [session, ...sections] = pc.localDescription.sdp.split(/(?=^m=)/m);
    let videos = 0;
    const edited = sections.map((section) => {
      const lines = section.split('\r\n').filter((line) => keepExtensions || !line.startsWith('a=extmap:'));
      if (section.startsWith('m=video') && (videos += 1) === 2) lines.splice(2, 0, 'a=content:slides');
      return lines.join('\r\n');
    });
    return session + edited.join('');
  },
  async answer(name, sdp) {
    await clients.get(name).pc.setRemoteDescription({ type: 'answer', sdp });
  },
  async connected(name, ms = 10_000) {
    const { pc } = clients.get(name);
    const end = performance.now() + ms;
    while (pc.connectionState !== 'connected') {
      if (performance.now() > end) throw new Error(`connection is ${pc.connectionState}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  share(name, colour) {
    const { pc } = clients.get(name);
    const [, , slides] = pc.getTransceivers();
    slides.direction = 'sendrecv';
    return slides.sender.replaceTrack(paint(640, 360, colour));
  },
  volume(name, gain) {
    clients.get(name).sound.gain.value = gain;
  },
  frames(name, mid) {
    return clients.get(name).frames.filter((one) => one.mid === mid);
  },
  clearFrames(name) {
    clients.get(name).frames.length = 0;
  },
  /** The colour in the middle of what is received. */
  pixel(name, mid) {
    const element = clients.get(name).elements.get(mid);
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 32, height: 32 });
    const context = canvas.getContext('2d');
    context.drawImage(element, 0, 0, 32, 32);
    const counts = { red: 0, green: 0, blue: 0, other: 0 };
    const { data } = context.getImageData(0, 0, 32, 32);
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b] = data.slice(at, at + 3);
      const name =
        r > 150 && g < 110 && b < 110
          ? 'red'
          : g > 90 && r < 90 && b < 90
            ? 'green'
            : b > 150 && r < 110 && g < 110
              ? 'blue'
              : 'other';
      counts[name] += 1;
    }
    return Object.entries(counts).sort(([, a], [, b]) => b - a)[0][0];
  },
  async stats(name) {
    const { pc } = clients.get(name);
    const found = { state: pc.connectionState, audio: [], video: [], sent: [] };
    for (const one of (await pc.getStats()).values()) {
      if (one.type === 'inbound-rtp')
        found[one.kind].push({
          mid: one.mid,
          packets: one.packetsReceived,
          lost: one.packetsLost,
          frames: one.framesDecoded,
          frozen: one.totalFreezesDuration,
          level: one.audioLevel,
          energy: one.totalAudioEnergy,
          concealed: one.concealedSamples,
          samples: one.totalSamplesReceived,
          height: one.frameHeight,
          nacks: one.nackCount,
        });
      if (one.type === 'outbound-rtp')
        found.sent.push({
          mid: one.mid,
          kind: one.kind,
          packets: one.packetsSent,
          height: one.frameHeight,
          rid: one.rid,
        });
    }
    return found;
  },
  say(name, message) {
    clients.get(name).data.send(message);
  },
  messages(name) {
    return clients.get(name).messages;
  },
  /** A file's tracks as the browser plays it: size, duration, and the colour at a time. */
  async play(base64, seconds) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const video = document.createElement('video');
    video.muted = true;
    video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/webm' }));
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve;
      video.onerror = () => reject(new Error(video.error.message));
    });
    video.currentTime = seconds;
    await new Promise((resolve) => (video.onseeked = resolve));
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 8, height: 8 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 8, 8);
    const [r, g, b] = context.getImageData(4, 4, 1, 1).data;
    return { duration: video.duration, width: video.videoWidth, height: video.videoHeight, r, g, b };
  },
  close(name) {
    clients.get(name).pc.close();
    clients.delete(name);
  },
};
