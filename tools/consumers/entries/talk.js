// One conversation between two people, each with a client of their own: Ana's has the plugins it was given, Ben's has
// those that were registered. Kept to what browserify can parse; run.mjs makes talk.cjs of it too.
const text = 'The launch is at nine.';

export async function talk(createClient, plugins, { service, ana, ben }) {
  const bodies = [];
  const watched = (input, init) => {
    if (init && typeof init.body === 'string') bodies.push(init.body);
    return fetch(input, init);
  };
  const one = createClient({ service, token: ana.token, plugins, fetch: watched });
  const two = createClient({ service, token: ben.token });
  try {
    const heard = new Promise((resolve) => {
      two.messages.on('created', resolve);
    });
    await two.messages.listen();
    const room = await one.rooms.create({ title: 'Launch' });
    await one.memberships.create({ roomId: room.id, personEmail: ben.email });
    const posted = await one.messages.create({ roomId: room.id, text });
    const message = await within(heard);
    if (message.text !== text) throw new Error('Ben read something else: ' + message.text);
    if (message.id !== posted.id) throw new Error('Ben received another message');
    const [author, again] = await Promise.all([
      two.people.get(message.personId),
      two.messages.get(message.id),
    ]);
    if (author.emails[0] !== ana.email) throw new Error('another author: ' + author.emails[0]);
    if (again.text !== text) throw new Error('Ben fetched something else: ' + again.text);
    const clear = bodies.some((body) => body.includes(text));
    return 'Ben received from Ana, ' + (clear ? 'in clear' : 'encrypted');
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

function within(promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('Ben received nothing for 15 s'));
    }, 15000);
  });
  return Promise.race([promise, late]).finally(() => {
    clearTimeout(timer);
  });
}
