import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { User } from './user.entity.js';
import { UserCredentialsService } from './user-credentials.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** Needs `UserSessions` and `UserOrders`, which the features above provide. */
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [UsersController],
  providers: [UserCredentialsService, UsersService],
  exports: [UserCredentialsService, UsersService, TypeOrmModule],
})
export class UsersModule {}
