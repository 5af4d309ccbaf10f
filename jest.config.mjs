/** Everything runs in ESM mode, as the application does; `npm test` gives Node the flag for it. */
export default {
  testEnvironment: 'node',
  maxWorkers: '100%',
  // Suites that start, freeze and kill whole processes take minutes: jest.faults.config.mjs and jest.cluster.config.mjs.
  // Those in a browser: jest.browser.config.mjs.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(faults|cluster|browser)/'],
  extensionsToTreatAsEsm: ['.ts'],
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/*.int-spec.ts'],
  moduleNameMapper: {
    '^@app/([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  // Nest before any test: @nestjs/throttler is CommonJS and requires it, which jest allows once it is evaluated only.
  setupFiles: ['reflect-metadata', '@nestjs/core'],
  testTimeout: 30_000,
};
