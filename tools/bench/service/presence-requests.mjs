// How many requests the client makes for the presence of a thousand people, counted where they leave.
import { verdict } from './figures.mjs';

const at = (name, entry = 'esm/index') =>
  new URL(`../../../packages/${name}/dist/${entry}.js`, import.meta.url);
const goal = 5;
/** ms */
const quietMs = 1_500;

export async function measurePresence({ start, ids, tokens: [token] }) {
  const { createClient } = await import(at('core', 'node/index'));
  const { presence } = await import(at('presence'));
  const { url, stop } = await start();
  const people = ids.slice(1, 1_001);
  let seen = [];
  let underWay = 0;
  let answered = 0;
  let lastMs = 0;
  const create = async () => {
    const client = createClient({
      service: url,
      token,
      plugins: [presence()],
      fetch: async (input, init) => {
        const { pathname } = new URL(input);
        seen.push(`${init?.method ?? 'GET'} ${pathname}`);
        underWay += 1;
        try {
          return await fetch(input, init);
        } finally {
          underWay -= 1;
          lastMs = performance.now();
          if (pathname.includes('/apheleia/')) answered += 1;
        }
      },
    });
    await client.ready();
    return client;
  };
  const report = (what, ms) => {
    const asked = seen.filter((line) => line.includes('/apheleia/'));
    const others = seen.filter((line) => !line.includes('/apheleia/'));
    console.log(
      `    ${what} of ${people.length} people: ${asked.length} requests in ${ms.toFixed(0)} ms: ${verdict(asked.length <= goal && asked.length > 0)}${others.length === 0 ? '' : `; beside them, once for the client: ${others.join(', ')}`}`,
    );
  };

  let client = await create();
  seen = [];
  let before = performance.now();
  const statuses = await client.presence.list(people);
  report('presence.list', performance.now() - before);
  if (statuses.length !== people.length) throw new Error(`${statuses.length} statuses`);
  await client.close();

  client = await create();
  seen = [];
  answered = 0;
  before = performance.now();
  for (const id of people) client.presence.watch(id);
  // until all it asked was answered, and a while longer: it might ask again
  while (answered === 0 || underWay > 0 || performance.now() - lastMs < quietMs)
    await new Promise((resolve) => setTimeout(resolve, 10));
  report('presence.watch', lastMs - before);
  await client.close();
  await stop();
}
