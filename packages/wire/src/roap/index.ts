export * from './message.js';
export * from './turn.js';
export type { RoapContext, RoapEffect, RoapEvent, RoapInput, RoapRow, RoapState } from './table.js';
export { clientTable } from './client-table.js';
export { serviceTable } from './service-table.js';
export { createRoapMachine, roapStep } from './machine.js';
export type { RoapMachine, RoapMachineOptions, RoapSnapshot, RoapStep } from './machine.js';
