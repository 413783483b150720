import type { ClientOptions, CreateClient } from './client.js';
import { createClientFor } from './create-client.js';
import { NodeSocket, throughNetwork, type NodeNetwork } from './network.node.js';
import { countedUpload } from './request/upload.node.js';

/** What `createClient` takes in Node: proxy and certificate authority, too. */
export interface NodeClientOptions extends ClientOptions, NodeNetwork {}

const create = createClientFor({
  name: 'node',
  // Node 20 has none of its own, and those of later versions cannot be terminated
  WebSocket: () => NodeSocket,
  upload: countedUpload,
});

/**
 * Makes a client. Nothing travels before the first call.
 *
 * @throws {SdkError} `ERR_CONFIG`, `ERR_PLUGIN_CLASH`, `ERR_PLUGIN_MISSING`, `ERR_NOT_A_PLUGIN`, `ERR_CORE_MISMATCH`
 * @example const client = createClient({ token, service: 'http://127.0.0.1:8080' });
 * @example
 * // through a proxy, to a service with a certificate authority of its own
 * const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca } }); // of undici
 * const client = createClient({ token, service, dispatcher, agent: new HttpsProxyAgent(proxy), ca });
 */
export const createClient: CreateClient<NodeClientOptions> = (options: NodeClientOptions) =>
  create(throughNetwork(options)) as never;
