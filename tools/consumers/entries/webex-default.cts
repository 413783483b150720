// a default import, compiled to require(): with and without esModuleInterop
import Webex from '@trunkline/webex';

class Bot extends Webex {}
export const made: readonly Webex[] = [new Webex({ credentials: 'a' }), Webex.init(), new Bot()];
