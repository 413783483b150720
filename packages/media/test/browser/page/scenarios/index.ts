export * from './devices.js';
export * from './paths.js';
export * from './playing.js';
export * from './sending.js';
export * from './sharing.js';
