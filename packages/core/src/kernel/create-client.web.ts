import type { CreateClient } from './client.js';
import { createClientFor } from './create-client.js';
import { web } from './platform.js';

/**
 * Makes a client. Nothing travels before the first call.
 *
 * @throws {SdkError} `ERR_CONFIG`, `ERR_PLUGIN_CLASH`, `ERR_PLUGIN_MISSING`, `ERR_NOT_A_PLUGIN`, `ERR_CORE_MISMATCH`
 * @example const client = createClient({ token, service: 'http://127.0.0.1:8080' });
 */
export const createClient: CreateClient = createClientFor(web);
