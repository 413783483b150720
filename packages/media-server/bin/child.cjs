// Where the engine's program is, for both builds.
exports.engineFile = require('node:path').join(__dirname, 'engine.mjs');
