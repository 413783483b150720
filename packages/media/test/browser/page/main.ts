// The page: runs the scenario that its address names and posts the result.
import * as scenarios from './scenarios/index.js';

type Scenario = (args: never) => Promise<unknown>;

const query = new URLSearchParams(location.search);
const name = query.get('scenario') ?? '';
const run = query.get('run') ?? '';

const post = (body: object): Promise<Response> =>
  fetch(`/result?run=${run}`, { method: 'POST', body: JSON.stringify(body) });

if (name !== '') {
  const scenario = (scenarios as unknown as Readonly<Record<string, Scenario>>)[name];
  const unhandled: string[] = [];
  addEventListener('unhandledrejection', (event) => {
    unhandled.push(String(event.reason));
  });
  Promise.resolve()
    .then(() => {
      if (scenario === undefined) throw new Error(`there is no scenario '${name}'`);
      return scenario(JSON.parse(query.get('args') ?? '{}') as never);
    })
    .then((result) => {
      if (unhandled.length > 0) throw new Error(`unhandled rejections: ${unhandled.join('; ')}`);
      return post({ result });
    })
    .catch((error: unknown) =>
      post({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
}
