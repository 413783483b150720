export { main } from './cli.js';
export { type Config, ConfigError, type ServerOptions } from './kernel/config.js';
export { type DemoPerson, demoPeople } from './ops/demo-people.js';
export { type RunningServer, startServer } from './server.js';
