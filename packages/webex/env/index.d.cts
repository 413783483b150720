import type { Webex } from '../dist/cjs/index.js';
declare const webex: Webex;
export = webex;
