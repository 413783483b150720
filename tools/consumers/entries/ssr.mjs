// rendered on the server: rooms are fetched and become HTML
import { createClient } from '@trunkline/core';
import { rooms } from '@trunkline/rooms';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { run } from './environment.mjs';

async function render({ service, ana }) {
  const client = createClient({ service, token: ana.token, plugins: [rooms()] });
  try {
    await client.rooms.create({ title: 'Launch & landing' });
    const items = [];
    for await (const { id, title } of client.rooms.list()) items.push(h('li', { key: id }, title));
    return renderToString(h('ul', null, items));
  } finally {
    await client.close();
  }
}

run(render);
