// Prints what Nx makes of each build and unit test: `{ "core:build": hash }`. Two runs show what a change would repeat.
import { createRequire } from 'node:module';
import path from 'node:path';

const root = process.cwd();
const require = createRequire(path.join(root, 'package.json'));
const { createProjectGraphAsync } = require('@nx/devkit');
const { readNxJson } = require('nx/src/config/configuration');
const { createTaskGraph } = require('nx/src/tasks-runner/create-task-graph');
const { createTaskHasher } = require('nx/src/hasher/create-task-hasher');

const graph = await createProjectGraphAsync({ exitOnError: true });
const nxJson = readNxJson(root);
const names = Object.keys(graph.nodes);
const tasks = createTaskGraph(graph, {}, names, ['build', 'unit'], undefined, {});
const hasher = createTaskHasher(graph, nxJson);
const found = {};
const details = {};
for (const task of Object.values(tasks.tasks)) {
  const { value, details: parts } = await hasher.hashTask(task, tasks, process.env);
  found[task.id] = value;
  details[task.id] = parts?.nodes;
}
console.log(JSON.stringify(process.argv.includes('--details') ? details : found));
process.exit(0);
