import { Body, Controller, Post, Req, UseFilters } from '@nestjs/common';
import { ApiBody, ApiResponse, ApiTags, getSchemaPath, ApiExtraModels } from '@nestjs/swagger';
import { Public } from '@app/auth';
import { Consumes, FORM_TYPE, JSON_TYPE, NoStore, Operation } from '@app/rest';
import type { Request } from 'express';
import { OAuthErrorDto, RevocationRequestDto, TokenDto, TokenRequestDto } from './dto/token.dto.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';
import { readGrant, readToken } from './token-request.js';
import { ACCOUNT_LOCKED } from './session.errors.js';
import { TokensService } from './tokens.service.js';

const OAUTH_ERROR = {
  status: 400,
  description: 'Refused in the form of RFC 6749 §5.2; what is not about the grant is problem+json.',
  content: { 'application/json': { schema: { $ref: getSchemaPath(OAuthErrorDto) } } },
};

const GRANTS = {
  password: {
    summary: 'Sign in',
    value: { grant_type: 'password', username: 'customer@example.com', password: 'plinth-demo-password' },
  },
  refresh_token: {
    summary: 'Renew',
    value: { grant_type: 'refresh_token', refresh_token: 'YTM0NZomIzI2OTsmIzM0NTueYQ' },
  },
};

@ApiTags('Auth')
@Controller('auth')
@UseFilters(OAuthErrorFilter)
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Post('token')
  @Public()
  @NoStore()
  @Consumes(FORM_TYPE, JSON_TYPE)
  @ApiBody({ type: TokenRequestDto, examples: GRANTS })
  @ApiExtraModels(OAuthErrorDto)
  @ApiResponse(OAUTH_ERROR)
  @Operation({
    summary: 'Sign in, or renew the tokens',
    description:
      'RFC 6749 with the grants `password` and `refresh_token`. A refresh token is valid once; the one before is tolerated ' +
      'for 10 s, any older one ends the session. Bad credentials, unknown and disabled users get the same answer.',
    answer: [200, 'A pair of tokens.', TokenDto],
    problems: [ACCOUNT_LOCKED],
  })
  async issueToken(@Body() body: unknown, @Req() request: Request): Promise<TokenDto> {
    const grant = readGrant(body);
    if ('refreshToken' in grant) return this.tokens.refresh(grant.refreshToken);
    const client = { userAgent: request.get('user-agent') ?? null, ip: request.ip ?? null };
    return this.tokens.signIn(grant.username, grant.password, client);
  }

  @Post('revoke')
  @Public()
  @NoStore()
  @Consumes(FORM_TYPE, JSON_TYPE)
  @ApiBody({ type: RevocationRequestDto })
  @ApiResponse(OAUTH_ERROR)
  @Operation({
    summary: 'Revoke a token',
    description: 'RFC 7009: ends the session of the token. An unknown token is no error.',
    answer: [200, 'The token is not valid (any more).'],
  })
  async revokeToken(@Body() body: unknown): Promise<void> {
    await this.tokens.revoke(readToken(body));
  }
}
