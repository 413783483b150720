// What a short example may leave open, as globals: a service, someone's token, a room, two other people, and a client
// with every plugin. All but the service are new for each example.
const { url, adminToken, example, client: wanted } = JSON.parse(process.env.TRUNKLINE_SNIPPET);
const post = async (path, bearer, body) => {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const [ana, ben, cara] = await Promise.all(
  ['Ana', 'Ben', 'Cara'].map((displayName) =>
    post('/admin/v1/users', adminToken, {
      email: `${displayName}.${example}@example.com`.toLowerCase(),
      displayName,
    }),
  ),
);
const room = await post('/v1/rooms', ana.accessToken, { title: 'Example' });
Object.assign(globalThis, {
  service: url,
  adminToken,
  token: ana.accessToken,
  benToken: ben.accessToken,
  roomId: room.id,
  benId: ben.id,
  caraId: cara.id,
});
if (wanted) {
  const load = async (name) => import(`@trunkline/${name}`);
  const [core, rooms, messages, memberships, people, encryption] = await Promise.all(
    ['core', 'rooms', 'messages', 'memberships', 'people', 'encryption'].map(load),
  );
  const plugins = [
    rooms.rooms(),
    messages.messages(),
    memberships.memberships(),
    people.people(),
    encryption.e2ee(),
  ];
  globalThis.client = core.createClient({ service: url, token: ana.accessToken, plugins });
}
