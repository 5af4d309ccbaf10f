import config from './jest.config.mjs';

/** `npm run test:browser`: the pages for people, in Chromium, which takes what processors there are by itself. */
export default {
  ...config,
  maxWorkers: 1,
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 90_000,
};
