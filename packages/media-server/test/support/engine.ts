import { runChild } from '../../src/engine/child.js';

runChild();
