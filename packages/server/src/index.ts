export { startServer, type RunningServer } from './server.js';
export { ConfigError, type Config, type ServerOptions } from './kernel/config.js';
export { main } from './cli.js';
export { demoPeople } from './ops/seed.js';
