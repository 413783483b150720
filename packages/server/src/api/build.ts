// What clients ask to see whether the service is there, and which.
import { newestMigration } from '../kernel/store/index.js';
import type { Routes } from '../modules/contracts.js';
import { base } from './tools.js';

/** Without a token: nothing here is worth one. @source protocol/hydra-rest.md §1 */
export const buildRoutes = (): Routes => (app) => {
  app.get(`${base}/ping`, () => ({ serviceName: 'trunkline', serviceState: 'online' }));
  app.get(`${base}/build_info`, () => ({ name: 'trunkline', dataVersion: newestMigration }));
};
