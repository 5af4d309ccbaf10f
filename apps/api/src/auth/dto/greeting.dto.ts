import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'Greeting' })
export class GreetingDto {
  @ApiProperty({ description: 'Hello, and the name of the caller.', example: 'Hello Ada Lovelace' })
  readonly message: string;
}
