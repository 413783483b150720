// Where a program finds the service, and where it leaves its result: in Node, a page or a worker.
// `process` only as a property: old bundlers add a polyfill for the bare name.
export function run(program) {
  const { process, WorkerGlobalScope } = globalThis;
  const inNode = process && process.versions && process.env.TRUNKLINE_PEOPLE;
  const people = inNode
    ? Promise.resolve(JSON.parse(inNode))
    : fetch(new URL('/people.json', globalThis.location.href).href).then((response) => response.json());
  people
    .then(program)
    .catch((error) => 'failed: ' + (error.code || '') + ' ' + error.stack)
    .then((result) => {
      globalThis.__out = result;
      if (inNode) console.log(result);
      else if (WorkerGlobalScope) globalThis.postMessage(result);
    });
}
