#!/usr/bin/env node
import '../../../scripts/need-node-24.mjs';

await import('../src/main.ts');
