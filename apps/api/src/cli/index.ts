export { type AdminRequest, run } from './run.js';
