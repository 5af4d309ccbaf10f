import { Controller, Get, Param } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Public } from '@app/auth';
import { EXPORT_CONTENT, type Html, Operation, PreferredType, Produces, type Text } from '@app/rest';
import { ProblemListDto, ProblemPageDto } from './dto/problem-page.dto.js';
import { PAGES_STYLE, textContent } from './pages/page-files.js';
import { PROBLEM_NOT_FOUND } from './problem-page.errors.js';
import { ProblemPagesService } from './problem-pages.service.js';

/** For programs and for people. */
const inBoth = (body: typeof ProblemListDto | typeof ProblemPageDto) => ({
  content: {
    'application/json': { schema: { $ref: getSchemaPath(body) } },
    'text/html': {
      schema: { type: 'string', description: 'The same as a page.', example: '<!doctype html>' } as const,
    },
  },
});

@ApiTags('Operations')
@ApiExtraModels(ProblemListDto, ProblemPageDto)
@Controller()
export class ProblemsController {
  constructor(private readonly pages: ProblemPagesService) {}

  @Get('problems')
  @Public()
  @Produces('application/json', 'text/html')
  @ApiOkResponse({ content: { ...inBoth(ProblemListDto).content, ...EXPORT_CONTENT } })
  @Operation({
    summary: 'List the problem codes',
    answer: [200, 'Every code that an error can have.', ProblemListDto],
    exported: true,
  })
  listProblems(@PreferredType() type: string): ProblemListDto | Html {
    return this.pages.list(type);
  }

  @Get('problems/:code')
  @Public()
  @Produces('application/json', 'text/html')
  @ApiParam({
    name: 'code',
    description: '`code` of a problem.',
    schema: { type: 'string', example: 'order.not_found' },
  })
  @ApiOkResponse(inBoth(ProblemPageDto))
  @Operation({
    summary: 'Read what a problem code means',
    answer: [200, 'The code.', ProblemPageDto],
    problems: [PROBLEM_NOT_FOUND],
  })
  readProblem(@Param('code') code: string, @PreferredType() type: string): ProblemPageDto | Html {
    return this.pages.read(code, type);
  }

  @Get('problems.css')
  @Public()
  @Produces('text/css')
  @ApiOkResponse(textContent('text/css', 'main { padding: 1rem }'))
  @Operation({ summary: 'Get the look of the pages on problems', answer: [200, 'It.'] })
  readProblemsStyle(): Text {
    return PAGES_STYLE;
  }
}
