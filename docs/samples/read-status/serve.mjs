// Serves the page and the script-tag files beside it. The token goes into the page: for your own eyes, on this machine.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const { SERVICE, TOKEN = '', PORT = '8090' } = process.env;
const scripts = ['core', 'rooms', 'messages', 'memberships', 'people', 'encryption', 'conversation'];
const settings = JSON.stringify({ service: SERVICE, token: TOKEN }).replaceAll('<', '\\u003c');
const head = [
  `<script>const settings = ${settings};</script>`,
  ...scripts.map((name) => `<script src="/${name}.js"></script>`),
].join('\n    ');
const page = await readFile(new URL('index.html', import.meta.url), 'utf8');
const html = page.replace('<!-- scripts -->', () => head);

const server = createServer(async ({ url = '/' }, answer) => {
  const name = scripts.find((script) => url === `/${script}.js`);
  if (name === undefined && url !== '/') return answer.writeHead(404).end();
  answer.setHeader('content-type', `text/${name ? 'javascript' : 'html'}; charset=utf-8`);
  answer.end(name ? await readFile(new URL(import.meta.resolve(`@trunkline/${name}/iife`))) : html);
});
server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`read status: http://127.0.0.1:${server.address().port}/`),
);
