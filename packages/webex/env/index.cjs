// require() gives the instance itself, as it always did there
module.exports = require('../dist/cjs/env-entry.js').webex;
