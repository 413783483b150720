// Where the engine's program is, for the ESM build: its own files cannot say it in both formats.
import { fileURLToPath } from 'node:url';

export const engineFile = fileURLToPath(new URL('./engine.mjs', import.meta.url));
