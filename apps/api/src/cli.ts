import { run } from './cli/index.js';

// Nothing of the server is loaded: it is spoken to over HTTP, wherever it is.
process.exitCode = await run(process.argv.slice(2), process.env);
