import * as server from '@trunkline/server';
import * as testing from '@trunkline/testing';
export * from './types-all.js';
export const inNode = [server, testing];
