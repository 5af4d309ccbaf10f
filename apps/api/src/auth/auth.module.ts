import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SessionDirectory } from '@app/auth';
import { UsersModule, UserSessions } from '../users/index.js';
import { PasswordsService } from './passwords.service.js';
import { ProtectedController } from './protected.controller.js';
import { RefreshToken } from './refresh-token.entity.js';
import { RevocationChannel } from './revocation-channel.js';
import { RevokedSessions } from './revoked-sessions.js';
import { Session } from './session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsPersonalData } from './sessions.personal-data.js';
import { SessionsService } from './sessions.service.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';
import { UserSessionsController } from './user-sessions.controller.js';

/** Global, because it answers what the access lib and the users feature ask for. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Session, RefreshToken]), UsersModule],
  controllers: [TokensController, SessionsController, UserSessionsController, ProtectedController],
  providers: [
    PasswordsService,
    RevocationChannel,
    RevokedSessions,
    SessionsPersonalData,
    SessionsService,
    TokensService,
    { provide: SessionDirectory, useExisting: RevokedSessions },
    { provide: UserSessions, useExisting: SessionsService },
  ],
  exports: [SessionDirectory, UserSessions],
})
export class AuthModule {}
