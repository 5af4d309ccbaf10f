import config from './jest.config.mjs';

/** `npm run test:cluster`: several instances behind nginx, with a real Redis; and what the Redis lib does when it fails. */
export default { ...config, roots: ['<rootDir>/test/cluster'], testPathIgnorePatterns: ['/node_modules/'] };
