/** Claims of a verified access token that the application uses. */
export interface AccessClaims {
  /** User id. */
  readonly sub: string;
  /** Session id. */
  readonly sid: string;
  readonly roles: readonly string[];
  /** When the token expires, in seconds since the epoch. */
  readonly exp: number;
}

/** Who calls: the signed-in user, and what the rule of the called route allows him on things of others. */
export class Caller {
  private checked = false;

  /** @param overriding roles that may act on what belongs to somebody else, from the route's `@OwnerOr(…)`. */
  constructor(
    private readonly claims: AccessClaims,
    private readonly overriding: readonly string[] = [],
  ) {}

  get id(): string {
    return this.claims.sub;
  }

  get sessionId(): string {
    return this.claims.sid;
  }

  has(role: string): boolean {
    return this.claims.roles.includes(role);
  }

  hasAny(roles: readonly string[]): boolean {
    return roles.some((role) => this.has(role));
  }

  /**
   * The owner rule: true for the owner and for the roles named by the route. A use case that gets false answers as if
   * the thing did not exist.
   */
  mayAccess(ownerId: string): boolean {
    this.checked = true;
    return ownerId === this.id || this.hasAny(this.overriding);
  }

  /** Whether the use case has asked {@link mayAccess}; a route with an owner rule that never did is a hole. */
  get ownershipChecked(): boolean {
    return this.checked;
  }
}
