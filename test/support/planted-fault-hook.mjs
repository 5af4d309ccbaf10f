// `node --import <this file> …` makes a mistake in the process when it is told to.
process.on('SIGUSR2', () => void Promise.reject(new Error('planted: a promise that nobody handles')));
process.on('SIGWINCH', () => {
  throw new Error('planted: an error that nobody catches');
});
