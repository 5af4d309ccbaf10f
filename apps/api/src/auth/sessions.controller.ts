import { Body, Controller, Delete, Get, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, Roles } from '@app/auth';
import { CONCURRENT_UPDATE } from '@app/problem';
import { CURSOR_INVALID, IdParam, Operation, type Page, PageQuery, PrefersTotal } from '@app/rest';
import { ChangePasswordDto } from './dto/change-password.dto.js';
import { SessionDto } from './dto/session.dto.js';
import { PasswordsService } from './passwords.service.js';
import { SESSION_NOT_FOUND, WRONG_PASSWORD } from './session.errors.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Auth')
@Controller('auth')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly passwords: PasswordsService,
  ) {}

  @Get('sessions')
  @Roles('customer')
  @Operation({
    summary: 'List own sessions',
    answer: [200, 'A page of the sessions that are alive.', SessionDto],
    paged: true,
    problems: [CURSOR_INVALID],
  })
  listSessions(
    @Query() query: PageQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<SessionDto>> {
    return this.sessions.list(query, caller, wantsTotal);
  }

  @Delete('sessions')
  @Roles('customer')
  @Operation({ summary: 'End all own sessions, this one too', answer: [204, 'Ended, on every instance.'] })
  async endSessions(@CurrentUser() caller: Caller): Promise<void> {
    await this.sessions.endAllOf(caller.id);
  }

  @Delete('sessions/:id')
  @Roles('customer')
  @Operation({
    summary: 'End an own session',
    answer: [204, 'Ended, on every instance.'],
    problems: [SESSION_NOT_FOUND],
  })
  async endSession(@IdParam('id', 'The session.') id: string, @CurrentUser() caller: Caller): Promise<void> {
    await this.sessions.end(id, caller);
  }

  @Put('password')
  @Roles('customer')
  @Operation({
    summary: 'Change the own password',
    description: 'All other sessions end.',
    answer: [204, 'Changed.'],
    problems: [WRONG_PASSWORD, CONCURRENT_UPDATE],
  })
  async changePassword(@Body() input: ChangePasswordDto, @CurrentUser() caller: Caller): Promise<void> {
    await this.passwords.change(input, caller);
  }
}
