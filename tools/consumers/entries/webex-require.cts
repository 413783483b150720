// with and without esModuleInterop
import Webex = require('@trunkline/webex');
import { init, registerPlugin, WebexPlugin, type EventEnvelope, type WebexConfig } from '@trunkline/webex';

const config: WebexConfig = { service: 'http://127.0.0.1:9' };
class Bot extends Webex {
  hello(): string {
    return this.version;
  }
}
export const made: readonly Webex[] = [
  new Webex({ config }),
  Webex.init('token'),
  init(),
  new Bot({ config }),
];
export const named: Webex.Webex = new Webex.Webex({ config });
export const isBot = (webex: Webex): webex is Bot => webex instanceof Bot;
export const notFound: number = new Webex.WebexHttpError({ statusCode: 404, message: 'x' }).statusCode;
registerPlugin('polls', WebexPlugin.extend({ namespace: 'Polls' }));
named.messages.on('created', (event) => event.data.text?.trim());
export const read = (envelope: EventEnvelope<{ readonly id: string }>): string => envelope.data.id;
