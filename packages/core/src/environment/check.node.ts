import { NodeSocket, throughNetwork, type NodeNetwork } from '../kernel/network.node.js';
import { inspect, type EnvironmentCheck, type EnvironmentOptions } from './inspect.js';

/**
 * What the SDK needs here and whether it is there, for a support page or a pre-flight check. With `service` it also tries
 * to reach that, by request and by socket, for at most `timeoutMs`. Never throws; nothing is left behind.
 *
 * @param options.dispatcher and `agent`, `ca`: the way to the service, as for createClient
 * @example
 * for (const { name, ok, needed, why } of await checkEnvironment({ service }))
 *   if (!ok) console.warn(needed ? 'needed' : 'optional', name, why);
 */
export const checkEnvironment = (
  options: EnvironmentOptions & NodeNetwork = {},
): Promise<readonly EnvironmentCheck[]> => inspect(throughNetwork(options), NodeSocket, []);
