// two copies of core in one program: the plugins come from CommonJS, the clients from ES modules
import { createRequire } from 'node:module';
import { createClient } from '@trunkline/core';
import { run } from './environment.mjs';
import { talk } from './talk.mjs';

const require = createRequire(import.meta.url);
const names = ['rooms', 'messages', 'memberships', 'people', 'encryption'];
const [rooms, messages, memberships, people, encryption] = names.map((name) => {
  require(`@trunkline/${name}/register`);
  return require(`@trunkline/${name}`);
});
const plugins = [
  rooms.rooms(),
  messages.messages(),
  memberships.memberships(),
  people.people(),
  encryption.e2ee(),
];

run((cast) => talk(createClient, plugins, cast));
