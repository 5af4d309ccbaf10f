import { run } from './cli/index.js';

// Nothing of the server is loaded unless a command works on the database itself: it is spoken to over HTTP, wherever it is.
process.exitCode = await run(process.argv.slice(2), process.env, async (request) => {
  const { createAdmin } = await import('./create-admin.js');
  return createAdmin(request);
});
