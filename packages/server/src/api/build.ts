// What clients ask to see whether the service is there, and which.
import { restBase } from '../kernel/http/fields.js';
import type { Routes } from '../kernel/module.js';
import type { Rest } from './tools.js';

/** Without a token: nothing here is worth one. @source protocol/hydra-rest.md §1 */
export const buildRoutes =
  ({ kernel }: Rest): Routes =>
  (app) => {
    app.get(`${restBase}/ping`, () => ({ serviceName: 'trunkline', serviceState: 'online' }));
    app.get(`${restBase}/build_info`, () => ({ name: 'trunkline', dataVersion: kernel.dataVersion }));
  };
