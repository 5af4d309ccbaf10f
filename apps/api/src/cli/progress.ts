import { Presets, SingleBar } from 'cli-progress';

/** A bar on standard error; on what is no terminal it shows nothing. */
export class Progress {
  private bar: SingleBar | undefined;

  /** @param total null while nobody knows it. */
  start(what: string, total: number | null): void {
    this.stop();
    const format = `${what} |{bar}| {percentage} %  {value} of {total}  {eta_formatted} left`;
    this.bar = new SingleBar({ format, hideCursor: true, emptyOnZero: true }, Presets.shades_classic);
    this.bar.start(total ?? 0, 0);
  }

  show(done: number, total: number | null = null): void {
    if (total !== null) this.bar?.setTotal(total);
    this.bar?.update(done);
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
