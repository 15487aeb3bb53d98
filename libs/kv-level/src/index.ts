export { type LevelKvOptions, openLevelKvStore } from './level-kv-store.ts';
