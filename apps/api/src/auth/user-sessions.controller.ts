import { Controller, Delete } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '@app/auth';
import { IdParam, Operation } from '@app/rest';
import { USER_NOT_FOUND, UsersService } from '../users/index.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Auth')
@Controller('users/:id/sessions')
export class UserSessionsController {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
  ) {}

  @Delete()
  @Roles('admin')
  @Operation({
    summary: 'End all sessions of a user',
    answer: [204, 'Ended, on every instance.'],
    problems: [USER_NOT_FOUND],
  })
  async endUserSessions(@IdParam('id', 'The user.') id: string): Promise<void> {
    await this.sessions.endAllOf((await this.users.require(id)).id);
  }
}
