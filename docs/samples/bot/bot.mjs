// A bot: speak to it alone, or mention it in a room. It answers in a thread, end-to-end encrypted. Ctrl+C ends it.
import { createClient } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';

const { SERVICE: service, TOKEN: token = '' } = process.env;
const client = createClient({ service, token, plugins: [messages(), people(), e2ee()] });
const me = await client.people.me();
client.messages.on('created', async ({ id, parentId = id, roomId, text = '', ...more }) => {
  const forMe = more.roomType === 'direct' || more.mentionedPeople?.includes(me.id);
  if (more.personId === me.id || !forMe) return;
  const words = text.replace(me.displayName, '').trim();
  const markdown = words === 'time' ? `It is **${new Date().toISOString()}**` : `You said: ${words}`;
  await client.messages.create({ roomId, parentId, markdown });
});
await client.connect();
console.log(`${me.displayName} listens`);
process.once('SIGINT', () => client.close());
