export * from './bundle-layout.ts';
export * from './control.ts';
export * from './record.ts';
