import config from './jest.config.mjs';

/** `npm run test:faults`: whole processes and real servers, started, frozen and killed. */
export default { ...config, roots: ['<rootDir>/test/faults'], testPathIgnorePatterns: ['/node_modules/'] };
