// Makes a webhook, checks who sends, and fetches each message that it is notified of. See README.md.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createClient } from '@trunkline/core';
import { messages } from '@trunkline/messages';
import { verifyWebhook, webhooks } from '@trunkline/webhooks';

const { SERVICE: service, TOKEN: token, PORT: port = '0', PUBLIC_URL: publicUrl } = process.env;
if (!token) throw new Error('TOKEN is missing; see README.md');

const client = createClient({ ...(service && { service }), token, plugins: [messages(), webhooks()] });
const secret = randomBytes(24).toString('hex'); // a new one each time: the webhook is made again, too

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > 100_000) return undefined; // deliveries are small
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  try {
    const raw = await bodyOf(request);
    const signature = request.headers['x-spark-signature'];
    const good = raw !== undefined && (await verifyWebhook(raw, signature, secret));
    // the answer comes first: the service waits for it before it sends the next one
    response.writeHead(good ? 204 : 401).end();
    if (!good) return console.log('refused: the signature is wrong');
    const { data } = JSON.parse(raw.toString());
    const { personEmail, text } = await client.messages.get(data.id);
    console.log(`${personEmail}: ${text}`);
  } catch (error) {
    console.error(error.message);
    if (!response.headersSent) response.writeHead(500).end();
  }
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
const targetUrl = publicUrl ?? `http://127.0.0.1:${server.address().port}/`;
const { id } = await client.webhooks.create({
  name: 'receiver',
  targetUrl,
  resource: 'messages',
  event: 'created',
  secret,
});
console.log(`listening for messages at ${targetUrl}`);

async function stop() {
  await client.webhooks.remove(id);
  await client.close();
  server.close();
}
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
