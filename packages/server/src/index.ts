export { startServer, type RunningServer } from './server.js';
export { ConfigError, type Config, type ServerOptions } from './config.js';
export { main } from './cli.js';
export { demoPeople } from './seed.js';
