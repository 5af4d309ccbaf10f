import type { KeyObject } from 'node:crypto';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JwtModule, JwtSecretRequestType } from '@nestjs/jwt';
import { AccessOptions } from './access-options.js';
import { AccessRuleVerifier } from './access-rule.verifier.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PasswordHasher } from './password-hasher.js';
import type { SigningKeys } from './signing-keys.js';
import { PasswordPolicy } from './password-policy.js';

/** Access tokens, access rules and password hashes. Needs a `SessionDirectory`, which the auth feature provides. */
@Global()
@Module({})
export class AccessModule {
  static forRoot(options: AccessOptions): DynamicModule {
    const { keys, issuer, audience } = options;
    return {
      module: AccessModule,
      imports: [
        DiscoveryModule,
        JwtModule.register({
          secretOrKeyProvider: (request, token) =>
            request === JwtSecretRequestType.VERIFY ? keyOf(token, keys) : keys.signing.key,
          signOptions: { algorithm: keys.algorithm, keyid: keys.signing.kid, issuer, audience },
          verifyOptions: { algorithms: [keys.algorithm], issuer, audience },
        }),
      ],
      providers: [
        { provide: AccessOptions, useValue: options },
        AccessRuleVerifier,
        JwtStrategy,
        PasswordHasher,
        PasswordPolicy,
      ],
      exports: [AccessOptions, JwtModule, PasswordHasher, PasswordPolicy],
    };
  }
}

function keyOf(token: string | object | Buffer, keys: SigningKeys): KeyObject {
  const key = keys.verifying(String(token));
  if (!key) throw new Error('the token names no key of ours');
  return key;
}
