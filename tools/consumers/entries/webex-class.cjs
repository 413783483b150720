// require() gives the class itself, as `module.exports = Webex` does
const assert = require('node:assert/strict');
const Webex = require('@trunkline/webex');

const config = { service: 'http://127.0.0.1:9', logger: { level: 'silent' } };
class Bot extends Webex {
  hello() {
    return `hello from ${this.version}`;
  }
}
const { init, WebexHttpError, WebexPlugin } = Webex;
(async () => {
  const made = [
    new Webex({ credentials: 'a', config }),
    Webex.init({ credentials: 'a', config }),
    init({ credentials: 'a', config }),
    new Webex.Webex({ config }),
    new Webex.default({ config }),
    Bot.init({ config }),
    new Bot({ config }),
  ];
  for (const webex of made) assert(webex instanceof Webex && webex instanceof WebexPlugin);
  assert(made[5] instanceof Bot && !(made[1] instanceof Bot));
  assert.match(made[6].hello(), /^hello from \d/);
  assert.equal(WebexHttpError.select(404), WebexHttpError.NotFound);
  // import() of the same package, from CommonJS, is the ES module: the same names, a class as its default export
  const { default: Default } = await import('@trunkline/webex');
  assert.equal(typeof Default, 'function');
  await Promise.all(made.map((webex) => webex.close()));
  console.log('a class');
})();
