export async function hold(createClient, plugins) {
  try {
    const { service, ana, ben } = await (await fetch('/people.json')).json();
    const one = createClient({ service, token: ana.token, plugins: plugins() });
    const two = createClient({ service, token: ben.token, plugins: plugins() });
    const heard = new Promise((resolve) => two.messages.on('created', resolve));
    await two.messages.listen();
    const room = await one.rooms.create({ title: 'Launch' });
    await one.memberships.create({ roomId: room.id, personEmail: ben.email });
    await one.messages.create({ roomId: room.id, text: 'hello' });
    const { text, personId } = await heard;
    const { emails } = await two.people.get(personId);
    globalThis.__out = `${emails[0] === ana.email} ${text}`;
    await Promise.all([one.close(), two.close()]);
  } catch (error) {
    globalThis.__out = String(error);
  }
}
