export { main } from './cli.js';
export { type Config, ConfigError, type ServerOptions } from './kernel/config.js';
export { demoPeople } from './ops/seed.js';
export { type RunningServer, startServer } from './server.js';
