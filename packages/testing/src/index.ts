export { joinCloud, startCloud, type Cloud, type CloudPerson, type Fault } from './cloud.js';
export * from './fakes.js';
export { expectQuiet } from './quiet.js';
