export { type BreakingChange, breakingChangesOf, type Rule, rules } from './breaking-changes.ts';
export { mayBreak, type OpenApi } from './open-api.ts';
