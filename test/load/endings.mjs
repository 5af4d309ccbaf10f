/** What has been started, to be ended in reverse order: at the end of the work, after an error, and on a signal. */
export class Endings {
  tasks = [];

  /** Runs `work` with a new set of endings. */
  static async after(work) {
    const endings = new Endings();
    const onSignal = () => void endings.run().finally(() => process.exit(130));
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, onSignal);
    try {
      return await work(endings);
    } finally {
      await endings.run();
    }
  }

  add(task) {
    this.tasks.push(task);
  }

  /** All of them, even when one fails. */
  async run() {
    for (const task of this.tasks.splice(0).toReversed()) {
      try {
        await task();
      } catch (error) {
        process.stderr.write(`${error.message}\n`);
      }
    }
  }
}
