import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, Roles } from '@app/auth';
import { Operation } from '@app/rest';
import { UsersService } from '../users/index.js';
import { GreetingDto } from './dto/greeting.dto.js';

@ApiTags('Auth')
@Controller('protected')
export class ProtectedController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Roles('customer')
  @Operation({ summary: 'Greet the caller', answer: [200, 'A greeting, to try a token with.', GreetingDto] })
  async greet(@CurrentUser() caller: Caller): Promise<GreetingDto> {
    return { message: `Hello ${await this.users.nameOf(caller.id)}` };
  }
}
