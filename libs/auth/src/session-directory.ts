/** Knows which sessions have ended. Asked on every request with a token, so the answer comes from memory when it can. */
export abstract class SessionDirectory {
  /** @returns false once the session was revoked; a promise only when memory cannot tell. */
  abstract isLive(sessionId: string): boolean | Promise<boolean>;
}
