/** The attempt may write nothing more: the job was cancelled, is another attempt's by now, or has to stop. */
export class JobLostError extends Error {
  constructor() {
    super('the job is not of this attempt any more');
    this.name = JobLostError.name;
  }
}
