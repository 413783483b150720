// The media engine's process, started by the supervisor in src/engine/supervisor.ts.
import { runChild } from '../dist/esm/engine/child.js';

runChild();
