// require() gives the class itself, as it always did there; everything else is on it
const all = require('../dist/cjs/index.js');
const { Webex } = all;
for (const name of Object.keys(all))
  if (!(name in Webex)) Object.defineProperty(Webex, name, { value: all[name], enumerable: true });
// compilers that look for it find the default export
Object.defineProperty(Webex, '__esModule', { value: true });
module.exports = Webex;
