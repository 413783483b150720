// Messages accepted by one process: 500 a second for 20 s, then as many as it takes until it is killed in the middle. Every
// one that was answered must be there when it has started again.
import { Agent, request } from 'node:http';
import { cpuMsOf, median, p95, verdict } from './figures.mjs';

const perSecond = 500;
const seconds = Number(process.env.SECONDS ?? 20);
const unpacedSeconds = 5;
const roomCount = 20;
const inFlight = 64;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A plain client, which costs less than fetch: the load comes from this one process. */
function poster(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const target = new URL('/v1/messages', url);
  const send = (token, body) =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.from(JSON.stringify(body));
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': bytes.length,
      };
      const sent = request(target, { agent, method: 'POST', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (text += part));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`POST /v1/messages: ${response.statusCode} ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  return { send, close: () => agent.destroy() };
}

export async function measureMessages({ start, tokens }) {
  const service = await start();
  const rooms = [];
  for (const token of tokens.slice(0, roomCount))
    rooms.push({ token, id: (await service.post('/v1/rooms', token, { title: 'Busy' })).id });
  /** what was answered: text by id, of each room */
  const kept = new Map(rooms.map(({ id }) => [id, new Map()]));
  const { send, close } = poster(service.url);
  let count = 0;
  let answered = 0;
  const one = async () => {
    const { token, id: roomId } = rooms[count % rooms.length];
    count += 1;
    const text = `message ${count}: the launch is at nine`;
    const { id } = await send(token, { roomId, text });
    kept.get(roomId).set(id, text);
    answered += 1;
  };
  for (let warm = 0; warm < 200; warm += 1) await one();

  // when each is due does not depend on how long others take
  answered = 0;
  const ms = [];
  const under = new Set();
  const cpuBefore = cpuMsOf(service.pid);
  const begun = performance.now();
  for (let n = 0; n < perSecond * seconds;) {
    const now = performance.now();
    for (; n < perSecond * seconds && begun + (n * 1000) / perSecond <= now; n += 1) {
      const due = begun + (n * 1000) / perSecond;
      const sending = one().then(() => {
        ms.push(performance.now() - due);
        under.delete(sending);
      });
      under.add(sending);
    }
    await sleep(2);
  }
  await Promise.all(under);
  const took = (performance.now() - begun) / 1000;
  const rate = answered / took;
  const cpu = (cpuMsOf(service.pid) - cpuBefore) / answered;
  console.log(
    `    paced: ${answered} messages in ${took.toFixed(2)} s, ${rate.toFixed(0)} a second: ${verdict(answered === perSecond * seconds && took <= seconds + 0.5)}; each answered in ${median(ms).toFixed(1)} ms (median), ${p95(ms).toFixed(1)} ms (p95); ${cpu.toFixed(2)} ms of the service's CPU each`,
  );

  answered = 0;
  let killed = false;
  const unpaced = performance.now();
  const workers = Array.from({ length: inFlight }, async () => {
    while (!killed)
      try {
        await one();
      } catch (error) {
        if (!killed) throw error;
      }
  });
  await sleep(unpacedSeconds * 1000);
  const most = answered / ((performance.now() - unpaced) / 1000);
  killed = true;
  await service.kill();
  await Promise.all(workers);
  close();
  console.log(
    `    unpaced, ${inFlight} in flight: ${most.toFixed(0)} a second, then killed (SIGKILL) during them`,
  );

  const again = await start();
  let there = 0;
  let missing = 0;
  for (const { token, id } of rooms) {
    const found = new Map();
    let next = `${again.url}/v1/messages?roomId=${id}&max=1000`;
    while (next !== undefined) {
      const response = await fetch(next, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`GET /v1/messages: ${response.status} ${await response.text()}`);
      for (const message of (await response.json()).items) found.set(message.id, message.text);
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    for (const [messageId, text] of kept.get(id)) {
      if (found.get(messageId) === text) there += 1;
      else missing += 1;
    }
  }
  console.log(
    `    after the restart ${there} of ${there + missing} acknowledged messages are there, ${missing} missing: ${verdict(missing === 0)}`,
  );
  await again.stop();
}
