// Written by tools/compile-contracts.mjs.
export { lucidAnchors } from './lucid-anchors.ts';
export { lucidChunkStore } from './lucid-chunk-store.ts';
export { lucidGovernor } from './lucid-governor.ts';
export { lucidNodes } from './lucid-nodes.ts';
export { lucidTimelock } from './lucid-timelock.ts';
export { paramRegistry } from './param-registry.ts';
