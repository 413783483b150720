// Where the engine's program is, for the CommonJS build.
exports.engineFile = require('node:path').join(__dirname, 'engine.mjs');
