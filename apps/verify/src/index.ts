export { exitCodes, runVerify, type Terminal } from './run.ts';
