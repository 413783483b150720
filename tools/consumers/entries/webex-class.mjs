import assert from 'node:assert/strict';
import Webex, { init, Webex as Named, WebexHttpError } from '@trunkline/webex';

const config = { service: 'http://127.0.0.1:9', logger: { level: 'silent' } };
class Bot extends Webex {}
const made = [new Webex({ config }), Webex.init({ config }), init({ config }), Bot.init({ config })];
for (const webex of made) assert(webex instanceof Named);
assert(made[3] instanceof Bot);
assert.equal(typeof WebexHttpError.NotFound, 'function');
await Promise.all(made.map((webex) => webex.close()));
console.log('a class');
