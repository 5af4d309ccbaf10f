import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';

/** Documentation only: the endpoint reads its fields itself, since its errors are OAuth's and unknown fields are ignored. */
@ApiSchema({ name: 'TokenRequest', description: 'RFC 6749 §4.3.2 or §6.' })
export class TokenRequestDto {
  @ApiProperty({
    description: 'What is exchanged for the tokens.',
    example: 'password',
    enum: ['password', 'refresh_token'],
  })
  readonly grant_type: string;

  @ApiPropertyOptional({ description: 'Email address, for `password`.', example: 'customer@example.com' })
  readonly username?: string;

  @ApiPropertyOptional({
    description: 'Password, for `password`.',
    example: 'plinth-demo-password',
    format: 'password',
  })
  readonly password?: string;

  @ApiPropertyOptional({
    description: 'The newest refresh token, for `refresh_token`.',
    example: 'YTM0NZomIzI2OTsmIzM0NTueYQ',
  })
  readonly refresh_token?: string;
}

@ApiSchema({ name: 'Token', description: 'RFC 6749 §5.1.' })
export class TokenDto {
  @ApiProperty({
    description: 'JWT for `Authorization: Bearer`.',
    example: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiIxIn0.c2ln',
  })
  readonly access_token: string;

  @ApiProperty({ description: 'Kind of the access token.', example: 'Bearer', enum: ['Bearer'] })
  readonly token_type: 'Bearer';

  @ApiProperty({ description: 'Seconds until the access token expires.', example: 1800, type: 'integer' })
  readonly expires_in: number;

  @ApiProperty({ description: 'For the next pair; valid once, for 30 days.', example: 'YTM0NZomIzI2OTsmIzM0NTueYQ' })
  readonly refresh_token: string;
}

@ApiSchema({ name: 'RevocationRequest', description: 'RFC 7009 §2.1.' })
export class RevocationRequestDto {
  @ApiProperty({
    description: 'A refresh token, or an access token; its session ends.',
    example: 'YTM0NZomIzI2OTsmIzM0NTueYQ',
  })
  readonly token: string;

  @ApiPropertyOptional({ description: 'What kind of token it is; not needed.', example: 'refresh_token' })
  readonly token_type_hint?: string;
}

@ApiSchema({ name: 'OAuthError', description: 'RFC 6749 §5.2.' })
export class OAuthErrorDto {
  @ApiProperty({
    description: 'Error code of RFC 6749 §5.2.',
    example: 'invalid_grant',
    enum: ['invalid_request', 'invalid_grant', 'unsupported_grant_type'],
  })
  readonly error: string;

  @ApiProperty({ description: 'For people.', example: 'The credentials or the refresh token are not valid.' })
  readonly error_description: string;
}
