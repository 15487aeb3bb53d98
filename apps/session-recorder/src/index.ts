export { sessionRecorder } from './service.ts';
