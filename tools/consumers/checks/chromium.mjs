// In Chromium, from another origin than the service's: each bundle, script tags in two orders, a module worker.
import { openPages, pageOf } from '../pages.mjs';

const names = ['rooms', 'messages', 'memberships', 'people', 'encryption'];
const others = ['teams', 'webhooks', 'attachment-actions', 'presence', 'devices', 'support'];
const tags = (...list) =>
  list
    .map((name) => `<script src="/node_modules/@trunkline/${name}/dist/iife/${name}.js"></script>`)
    .join('');
// Ana's plugins are taken from Trunkline.plugins; Ben's client has all that are loaded
const talk = `<script type="module">
  import { run } from '/environment.mjs';
  import { talk } from '/talk.mjs';
  run((people) => {
    const { createClient, plugins } = Trunkline;
    if (globalThis.first && globalThis.first !== plugins.rooms) throw new Error('a second copy replaced the first');
    return talk(createClient, Object.values(plugins).map((plugin) => plugin()), people);
  });
</script>`;

export async function checkChromium({ check, same, folder, service, encrypted, bundles, executablePath }) {
  const pages = {
    '/tags-core-first': tags('core', ...names) + talk,
    '/tags-core-last-and-all-twice': [
      tags(...names, ...others, 'conversation', 'core'),
      '<script>globalThis.first = Trunkline.plugins.rooms</script>',
      tags('conversation', 'core', ...names, ...others),
      talk,
    ].join(''),
    ...(bundles.esbuild && {
      '/worker': `<script>new Worker('/${bundles.esbuild}', { type: 'module' }).onmessage = ({ data }) => { globalThis.__out = data }</script>`,
    }),
    ...Object.fromEntries(Object.entries(bundles).map(([name, file]) => [`/${name}`, pageOf(file)])),
  };
  const browser = await openPages({ executablePath, folder, service, pages });
  for (const url of Object.keys(pages))
    await check(`chromium ${url.slice(1)}`, async () => same(await browser.open(url), encrypted));
  await browser.close();
}
