import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, FORBIDDEN, OwnerOr, Public, Roles } from '@app/auth';
import { CacheResult } from '@app/cache';
import {
  CreatedAt,
  CURSOR_INVALID,
  EmptyBody,
  Idempotent,
  IdParam,
  IfMatch,
  Operation,
  OptionalIfMatch,
  type Page,
  PRECONDITION_FAILED,
  PRECONDITION_REQUIRED,
  type Precondition,
  PrefersTotal,
} from '@app/rest';
import { CreateUserDto } from './dto/create-user.dto.js';
import { ListUsersQuery } from './dto/list-users.query.js';
import { PatchUserDto } from './dto/patch-user.dto.js';
import { UserDto } from './dto/user.dto.js';
import { UserListingDto } from './dto/user-listing.dto.js';
import { EMAIL_TAKEN, USER_ERASED, USER_NOT_DELETED, USER_NOT_FOUND } from './user.errors.js';
import { ONE_USER, ONESELF, USER_LIST } from './user-cache.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @Public()
  @Idempotent('optional')
  @CreatedAt<UserDto>(({ id }) => `/users/${id}`)
  @Operation({ summary: 'Register', answer: [201, 'The new user.', UserDto], problems: [EMAIL_TAKEN] })
  async registerUser(@Body() input: CreateUserDto): Promise<UserDto> {
    return UserDto.from(await this.users.register(input));
  }

  @Get()
  @Roles('admin')
  @CacheResult(USER_LIST)
  @Operation({
    summary: 'List users',
    description:
      'Users that are not deleted, newest first. `include=orders` costs the same few queries for any number of users.',
    answer: [200, 'A page of users.', UserListingDto],
    paged: true,
    problems: [CURSOR_INVALID],
  })
  listUsers(
    @Query() query: ListUsersQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<UserListingDto>> {
    return this.users.list(query, caller, wantsTotal);
  }

  @Get('me')
  @Roles('customer')
  @CacheResult(ONESELF)
  @Operation({ summary: 'Read oneself', answer: [200, 'The caller.', UserDto], problems: [USER_NOT_FOUND] })
  async readOneself(@CurrentUser() caller: Caller): Promise<UserDto> {
    return UserDto.from(await this.users.read(caller.id, caller));
  }

  @Get(':id')
  @OwnerOr('admin')
  @CacheResult(ONE_USER)
  @Operation({
    summary: 'Read a user',
    description: 'Admins also read deleted users.',
    answer: [200, 'The user.', UserDto],
    problems: [USER_NOT_FOUND],
  })
  async readUser(@IdParam('id', 'The user.') id: string, @CurrentUser() caller: Caller): Promise<UserDto> {
    return UserDto.from(await this.users.read(id, caller));
  }

  @Patch(':id')
  @OwnerOr('admin')
  @Operation({
    summary: 'Change a user',
    description:
      'JSON merge patch. Only admins set `roles` and `disabled`; a change of either ends the sessions of the user.',
    answer: [200, 'The changed user.', UserDto],
    problems: [FORBIDDEN, USER_NOT_FOUND, EMAIL_TAKEN, PRECONDITION_REQUIRED, PRECONDITION_FAILED],
  })
  async changeUser(
    @IdParam('id', 'The user.') id: string,
    @Body() patch: PatchUserDto,
    @IfMatch() precondition: Precondition,
    @CurrentUser() caller: Caller,
  ): Promise<UserDto> {
    return UserDto.from(await this.users.change(id, patch, { caller, precondition }));
  }

  @Delete(':id')
  @OwnerOr('admin')
  @Operation({
    summary: 'Delete a user',
    description:
      'Soft deletion: sessions end, the email address is free again, orders stay. Admins can restore the user.',
    answer: [204, 'Deleted.'],
    problems: [USER_NOT_FOUND, PRECONDITION_REQUIRED, PRECONDITION_FAILED],
  })
  async deleteUser(
    @IdParam('id', 'The user.') id: string,
    @IfMatch() precondition: Precondition,
    @CurrentUser() caller: Caller,
  ): Promise<void> {
    await this.users.remove(id, { caller, precondition });
  }

  @Post(':id/restoration')
  @Roles('admin')
  @Operation({
    summary: 'Restore a deleted user',
    answer: [200, 'The restored user.', UserDto],
    problems: [USER_NOT_FOUND, USER_NOT_DELETED, USER_ERASED, EMAIL_TAKEN, PRECONDITION_FAILED],
  })
  async restoreUser(
    @IdParam('id', 'The user.') id: string,
    @Body() _nothing: EmptyBody,
    @OptionalIfMatch() precondition: Precondition,
  ): Promise<UserDto> {
    return UserDto.from(await this.users.restore(id, precondition));
  }
}
