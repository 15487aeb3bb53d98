export * from './definition.ts';
export * from './document-store.ts';
export * from './errors.ts';
