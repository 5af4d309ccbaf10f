/** The log lines of an application under test, and the secrets that must not be among them. */
export class LogCapture {
  private readonly text: string[] = [];
  private readonly secrets = new Set<string>();

  /** pino writes here. */
  write(line: string): void {
    this.text.push(line);
  }

  /** @param secret at least 8 characters: shorter ones would be found by chance. */
  keepsSecret(...secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) if (secret !== undefined && secret.length >= 8) this.secrets.add(secret);
  }

  lines(): Record<string, unknown>[] {
    return this.text.map((line): Record<string, unknown> => JSON.parse(line));
  }

  /** Lines of the request with this id. */
  of(requestId: string | undefined): Record<string, unknown>[] {
    return this.lines().filter((line) => line['request_id'] === requestId);
  }

  assertNoSecrets(): void {
    const all = this.text.join('');
    for (const secret of this.secrets) {
      const at = all.indexOf(secret);
      if (at >= 0) throw new Error(`the log has a secret: …${all.slice(Math.max(0, at - 200), at + 20)}…`);
    }
  }
}
