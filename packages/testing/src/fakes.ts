// `@trunkline/testing/fakes`: runs in browsers too, so nothing in here may need Node or the service.
export { fakeClock, type FakeClock } from './fake-clock.js';
export { answer, fakeHost, type FakeHost, type FakeHostParts } from './fake-host.js';
export { FakeSocket, fakeSockets, type FakeSockets } from './fake-socket.js';
export { nextEvent } from './next-event.js';
