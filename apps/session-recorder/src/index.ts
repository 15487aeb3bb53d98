export type { RecorderAdapters } from './context.ts';
export { sessionRecorder } from './service.ts';
