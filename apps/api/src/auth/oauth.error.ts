/** Errors of the token endpoint have the form of RFC 6749 §5.2, not that of the rest of the API. */
export class OAuthError extends Error {
  constructor(
    readonly error: 'invalid_request' | 'invalid_grant' | 'unsupported_grant_type',
    readonly description: string,
  ) {
    super(description);
    this.name = 'OAuthError';
  }

  /** One answer for bad credentials, unknown and disabled users and dead tokens: it tells nobody which. */
  static invalidGrant(): OAuthError {
    return new OAuthError('invalid_grant', 'The credentials or the refresh token are not valid.');
  }
}
