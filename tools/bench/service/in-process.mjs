// The modules of a built service in this process, over a data folder, without listening.
const server = new URL('../../../packages/server/', import.meta.url);
export const from = (file) => import(new URL(`dist/esm/${file}.js`, server));

const { createClock } = await from('kernel/clock');
const { resolveConfig } = await from('kernel/config');
const { openKernel } = await from('kernel/kernel');
const { createLifecycle } = await from('kernel/lifecycle');
const { createLog } = await from('kernel/log');
const { setUpModules } = await from('kernel/module');
const { migrations, modules } = await from('modules');

/** The kernel, the apis of all modules, and `close`. */
export async function openService(data, options = {}) {
  const log = createLog('silent');
  const lifecycle = createLifecycle(log);
  const config = resolveConfig({ data, logLevel: 'silent', ...options });
  const kernel = await openKernel(config, { clock: createClock(), lifecycle, log, migrations });
  const { apis } = await setUpModules(kernel, lifecycle, modules);
  return { kernel, apis, close: () => lifecycle.close() };
}
