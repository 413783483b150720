// One direction in a process of its own: first the memory, since a process that has done it before has the memory
// already, then pairs of ours and bare.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';

const at = (name) => new URL(`../../../packages/${name}/dist/node/index.js`, import.meta.url);
const [what, { file, size, sink, serviceUrl, token, item, pairs }] = [
  process.argv[2],
  JSON.parse(process.argv[3]),
];
const mebi = 1024 * 1024;
const { createClient } = await import(at('core'));
const { e2ee } = await import(at('encryption'));
const client = createClient({ service: serviceUrl, token, plugins: [e2ee()] });
await client.connect();

const key = randomBytes(32);
const iv = randomBytes(12);
const headers = { 'content-length': String(size) };
const cipherText = () =>
  createReadStream(file, { highWaterMark: mebi }).pipe(createCipheriv('aes-256-gcm', key, iv));
const seal = (data) => async () => {
  const sealed = await client.encryption.sealFile(data instanceof Function ? await data() : data);
  await client.request({ method: 'PUT', url: `${sink}/up`, body: sealed.body, auth: false, as: 'text' });
  sealed.scr(`${sink}/file`);
  sealed.close();
};
const up = {
  ours: seal({ path: file }),
  bare: async () => {
    const init = { method: 'PUT', body: Readable.toWeb(cipherText()), headers, duplex: 'half' };
    await (await fetch(`${sink}/up`, init)).text();
  },
  // printed beside it: by a Blob, and what the SDK does not use
  others: {
    'a Blob of openAsBlob': seal(() => openAsBlob(file)),
    'bare node:http': () =>
      new Promise((resolve, reject) => {
        const request = httpRequest(`${sink}/up`, { method: 'PUT', headers }, (answer) => {
          answer.resume().on('end', resolve);
        }).on('error', reject);
        cipherText().pipe(request);
      }),
  },
};

const scr = item && JSON.parse(item.scr);
const signedUrl = async () => {
  const { body } = await client.request({
    ...{ method: 'POST', url: new URL('/v1/download/endpoints', item.url).href },
    body: { endpoints: [item.url] },
  });
  return body.endpoints[item.url];
};
const decipherOf = () => {
  const [fileKey, fileIv, tag] = [scr.key, scr.iv, scr.tag].map((text) => Buffer.from(text, 'base64url'));
  return createDecipheriv('aes-256-gcm', fileKey, fileIv).setAAD(Buffer.from(scr.aad)).setAuthTag(tag);
};
const down = {
  ours: async () => {
    const content = await client.conversation.download(item);
    let bytes = 0;
    for await (const chunk of content.stream()) bytes += chunk.length;
    if (bytes !== size) throw new Error('not all of it came');
  },
  bare: async () => {
    const decipher = decipherOf();
    const response = await fetch(await signedUrl());
    for await (const chunk of response.body) decipher.update(chunk);
    decipher.final();
  },
  others: {
    'bare node:http': async () => {
      const [url, decipher] = [await signedUrl(), decipherOf()];
      await new Promise((resolve, reject) => {
        httpRequest(url, (answer) => {
          answer.on('data', (chunk) => decipher.update(chunk)).on('end', resolve);
        })
          .on('error', reject)
          .end();
      });
      decipher.final();
    },
  },
};

/** The most that the resident set grows by while it runs, looked at every 5 ms. */
async function memory(work) {
  globalThis.gc?.();
  const start = process.memoryUsage.rss();
  let most = start;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  await work();
  clearInterval(timer);
  return most - start;
}
async function cpuMs(work) {
  globalThis.gc?.();
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
const { ours, bare, others } = what === 'up' ? up : down;
const growth = await memory(ours);
for (let warm = 0; warm < 2; warm += 1) for (const run of [ours, bare]) await run();
const all = { ratio: [], ours: [], bare: [], self: [] };
const beside = Object.fromEntries(Object.keys(others).map((name) => [name, []]));
for (let pair = 0; pair < pairs; pair += 1) {
  const before = await cpuMs(bare);
  const mine = await cpuMs(ours);
  const again = await cpuMs(bare);
  all.ratio.push(mine / ((before + again) / 2));
  all.ours.push(mine);
  all.bare.push(before);
  all.self.push(again / before);
  for (const [name, run] of Object.entries(others)) beside[name].push(await cpuMs(run));
}
await client.close();
console.log(JSON.stringify({ growth, ...all, beside }));
