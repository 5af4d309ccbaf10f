import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminsService } from './admins.service.js';
import { AuditPersonalData } from './personal-data/audit.personal-data.js';
import { JobsPersonalData } from './personal-data/jobs.personal-data.js';
import { KeptAnswersPersonalData } from './personal-data/kept-answers.personal-data.js';
import { PersonalDataRegistry } from './personal-data/personal-data.registry.js';
import { UserErasureService } from './personal-data/user-erasure.service.js';
import { UserPersonalData } from './personal-data/user.personal-data.js';
import { UsersErasureHandler } from './personal-data/users-erasure.handler.js';
import { UsersExportHandler } from './personal-data/users-export.handler.js';
import { User } from './user.entity.js';
import { UserCredentialsService } from './user-credentials.service.js';
import { UserDirectoryService } from './user-directory.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** Needs `UserSessions` and `UserOrders`, which the features above provide. */
@Module({
  imports: [DiscoveryModule, TypeOrmModule.forFeature([User])],
  controllers: [UsersController],
  providers: [
    AdminsService,
    AuditPersonalData,
    JobsPersonalData,
    KeptAnswersPersonalData,
    PersonalDataRegistry,
    UserCredentialsService,
    UserDirectoryService,
    UserErasureService,
    UserPersonalData,
    UsersErasureHandler,
    UsersExportHandler,
    UsersService,
  ],
  exports: [UserCredentialsService, UserDirectoryService, UsersService, TypeOrmModule],
})
export class UsersModule {}
