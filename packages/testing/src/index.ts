export {
  joinCloud,
  startCloud,
  type Cloud,
  type CloudPerson,
  type Fault,
  type InjectedFault,
  type NewCloudPerson,
} from './cloud.js';
export * from './fakes.js';
export { expectQuiet } from './quiet.js';
