#!/usr/bin/env node
import { main } from '../dist/esm/index.js';

await main(process.argv.slice(2));
