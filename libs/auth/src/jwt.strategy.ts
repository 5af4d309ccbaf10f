import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { ExtractJwt, Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import type { AccessClaims } from './caller.js';
import { AccessOptions } from './access-options.js';
import { SessionDirectory } from './session-directory.js';

/** Bearer tokens: signature by one of our keys, our issuer and audience, not expired, its session alive. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    options: AccessOptions,
    private readonly sessions: SessionDirectory,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: keyProvider(options),
      algorithms: [options.keys.algorithm],
      issuer: options.issuer,
      audience: options.audience,
      ignoreExpiration: false,
    });
  }

  /** @returns the claims, or false for a token that is signed by us but not an access token, or whose session ended. */
  async validate(payload: unknown): Promise<AccessClaims | false> {
    if (!isAccessClaims(payload)) return false;
    const live = this.sessions.isLive(payload.sid);
    return (typeof live === 'boolean' ? live : await live) ? payload : false;
  }
}

function keyProvider(options: AccessOptions): SecretOrKeyProvider {
  return (_request: Request, token: string, done: (error: unknown, key?: string | Buffer) => void) => {
    const key = options.keys.verifying(token);
    if (!key) return done(new Error('the token names no key of ours'));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type lags behind jsonwebtoken, which takes a KeyObject, and is many times as fast with one
    return done(null, key as unknown as Buffer);
  };
}

function isAccessClaims(payload: unknown): payload is AccessClaims {
  if (typeof payload !== 'object' || payload === null) return false;
  const { sub, sid, roles, exp } = payload as Partial<Record<keyof AccessClaims, unknown>>;
  // jsonwebtoken takes a token without `exp` for one that never expires.
  return typeof sub === 'string' && typeof sid === 'string' && Array.isArray(roles) && typeof exp === 'number';
}
