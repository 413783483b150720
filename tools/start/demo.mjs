// The demo people with new passwords, and the demo page on a port of its own with a registered client and a first room.
import { randomInt, randomUUID } from 'node:crypto';

const words =
  'amber anchor apple arrow autumn basket beacon birch breeze bridge candle canyon castle cedar cherry cliff cloud clover copper coral cotton crane daisy delta desert dolphin eagle echo ember falcon feather fern forest fountain garden glacier harbor hazel heron honey island ivory jasmine juniper lagoon lantern lemon lily maple marble meadow mint mirror moon moss mountain nectar oak ocean olive orchid otter pearl pebble pine planet plum pond poplar rain raven reef ribbon river robin saffron sail salmon shore silver snow spruce star stone stream summer swan thistle thunder tiger timber tulip valley velvet violet walnut willow winter wren'.split(
    ' ',
  );
// four of a hundred words, about 26 bits, for a service on this machine that ends with this program
const newPassword = () => Array.from({ length: 4 }, () => words[randomInt(words.length)]).join('-');

const { demoPeople } = await import('../../packages/server/dist/esm/index.js');

const caller = (service) => {
  const call = async (path, token, body) => {
    const response = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok && response.status !== 409)
      throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return { status: response.status, body: await response.json() };
  };
  return { call, admin: (path, body) => call(`/admin/v1/${path}`, service.adminToken, body) };
};

/**
 * The same people as `--seed demo`, here with passwords of this run.
 *
 * @param service what trunkline-server --json prints
 */
export async function createCast(service) {
  const { admin } = caller(service);
  const people = [];
  for (const { email, displayName: name, roles } of demoPeople) {
    const password = newPassword();
    const { status, body } = await admin('users', { email, displayName: name, password, roles });
    // with --data they exist from the last time, with the passwords of then
    const kept = status === 409;
    const { accessToken } = kept ? (await admin('tokens', { email })).body : body;
    people.push({ name, email, password: kept ? '(as last time)' : password, kept, accessToken });
  }
  return people;
}

/**
 * @param service what trunkline-server --json prints
 * @param people  see {@link createCast}
 */
export async function openDemo(service, port, people) {
  const { call, admin } = caller(service);
  // a client per address: its redirect address is part of it
  const clientId = `trunkline-demo.${port === 0 ? randomUUID().slice(0, 8) : port}`;
  const { serveDemo } = await import('../../packages/demo/serve.mjs');
  const demo = await serveDemo({
    service: service.url,
    clientId,
    port,
    people: people.map(({ name, email }) => ({ name, email })),
  });
  await admin('clients', {
    clientId,
    name: 'Trunkline demo',
    redirectUris: [`${demo.url}/`],
    scopes: 'spark:all spark:kms',
  });
  if (!people.some(({ kept }) => kept)) await welcome(people, call);
  return { url: demo.url, people };
}

/** A room with two messages, so that the first screen is not empty. */
async function welcome([ana, ben, chloe], call) {
  const { body: room } = await call('/v1/rooms', ana.accessToken, { title: 'Welcome' });
  const roomId = room.id;
  for (const { email } of [ben, chloe])
    await call('/v1/memberships', ana.accessToken, { roomId, personEmail: email });
  const say = (who, markdown) => call('/v1/messages', who.accessToken, { roomId, markdown });
  await say(ana, 'Welcome! Open this page in a second window, sign in as another person, and write.');
  await say(ben, 'Press **?** for the keyboard shortcuts, and **Ctrl+I** to see what is sent.');
}
