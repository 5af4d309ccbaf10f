import config from './jest.config.mjs';

/** `npm run test:browser`: the pages for people, in Chromium. */
export default { ...config, roots: ['<rootDir>/test/browser'], testPathIgnorePatterns: ['/node_modules/'] };
