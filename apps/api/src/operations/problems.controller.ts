import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Public } from '@app/auth';
import { type Html, Operation, PreferredType, Produces } from '@app/rest';
import { ProblemListDto, ProblemPageDto } from './dto/problem-page.dto.js';
import { PROBLEM_NOT_FOUND } from './problem-page.errors.js';
import { ProblemPagesService } from './problem-pages.service.js';

const AS_PAGE = { content: { 'text/html': { schema: { type: 'string', description: 'The same as a page.', example: '<!doctype html>' } } } } as const;

@ApiTags('Operations')
@Controller('problems')
export class ProblemsController {
  constructor(private readonly pages: ProblemPagesService) {}

  @Get()
  @Public()
  @Produces('application/json', 'text/html')
  @ApiOkResponse(AS_PAGE)
  @Operation({ summary: 'List the problem codes', answer: [200, 'Every code that an error can have.', ProblemListDto] })
  listProblems(@PreferredType() type: string): ProblemListDto | Html {
    return this.pages.list(type);
  }

  @Get(':code')
  @Public()
  @Produces('application/json', 'text/html')
  @ApiParam({ name: 'code', description: '`code` of a problem.', example: 'order.not_found', schema: { type: 'string' } })
  @ApiOkResponse(AS_PAGE)
  @Operation({ summary: 'Read what a problem code means', answer: [200, 'The code.', ProblemPageDto], problems: [PROBLEM_NOT_FOUND] })
  readProblem(@Param('code') code: string, @PreferredType() type: string): ProblemPageDto | Html {
    return this.pages.read(code, type);
  }
}
