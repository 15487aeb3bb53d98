export {
  ANCHOR_CONTRACT,
  type Anchor,
  anchorEntryBytes,
  type BatchPlace,
  type BundleAnchor,
  type ChainAnchor,
  SESSION_LEAF_BYTES,
} from './anchor.ts';
export * from './bundle-layout.ts';
export * from './control.ts';
export * from './record.ts';
export * from './registration.ts';
