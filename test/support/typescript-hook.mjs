// Lets `node --import <this file> script.ts` run our sources: Node 24 strips the types, but leaves `./x.js` in the
// imports, which only the compiler would turn into a file that exists.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !context.parentURL?.startsWith('file:')) {
      return nextResolve(specifier, context);
    }
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    return nextResolve(existsSync(fileURLToPath(source)) ? source.href : specifier, context);
  },
});
