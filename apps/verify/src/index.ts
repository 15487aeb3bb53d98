export { runVerify, type Terminal } from './run.ts';
