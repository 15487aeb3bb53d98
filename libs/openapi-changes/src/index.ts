export { type BreakingChange, breakingChangesOf, type Rule, rules } from './breaking-changes.ts';
export { type OpenApi, raisesMajor } from './open-api.ts';
