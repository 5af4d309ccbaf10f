import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const CHUNK_BYTES = 65_536;

/**
 * A body that may be larger than memory, in a file without a name: it is gone with its handle, or with the process,
 * whatever becomes of either.
 */
export class SpooledBody {
  private constructor(
    private readonly file: FileHandle,
    /** SHA-256 of all of it. */
    readonly digest: string,
    readonly bytes: number,
  ) {}

  /** @param fill writes the body into the file. @throws what it throws; then nothing is left. */
  static async of(fill: (file: FileHandle) => Promise<{ digest: string; bytes: number }>): Promise<SpooledBody> {
    const name = path.join(os.tmpdir(), `plinth-body-${randomUUID()}`);
    const file = await open(name, 'wx+', 0o600);
    try {
      await unlink(name);
      const { digest, bytes } = await fill(file);
      return new SpooledBody(file, digest, bytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** From the beginning, as often as it is wanted. Streams of the handle would keep it open. */
  async *read(): AsyncGenerator<Buffer> {
    for (let position = 0; ;) {
      const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  /** Gives its room back. */
  async release(): Promise<void> {
    await this.file.close();
  }
}
