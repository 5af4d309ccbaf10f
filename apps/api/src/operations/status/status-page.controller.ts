import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@app/auth';
import { ROUTE_NOT_FOUND } from '@app/problem';
import { type Html, NoStore, Operation, Produces, type Text } from '@app/rest';
import { MetricsGuard } from '../metrics.guard.js';
import { PAGES_STYLE, STATUS_SCRIPT, textContent } from '../pages/page-files.js';
import { StatusPageService } from './status-page.service.js';

@ApiTags('Operations')
@Controller()
@UseGuards(MetricsGuard)
export class StatusPageController {
  constructor(private readonly status: StatusPageService) {}

  @Get('status')
  @Public()
  @NoStore()
  @Produces('text/html')
  @ApiOkResponse(textContent('text/html', '<!doctype html>'))
  @Operation({
    summary: 'See how the service is',
    description:
      'A page for people: the five service levels with the last hour of each, top routes, cache, dependencies. ' +
      'Open to whom the metrics are open.',
    answer: [200, 'The page.'],
    problems: [ROUTE_NOT_FOUND],
  })
  readStatusPage(): Promise<Html> {
    return this.status.page();
  }

  @Get('status.css')
  @Public()
  @Produces('text/css')
  @ApiOkResponse(textContent('text/css', 'main { padding: 1rem }'))
  @Operation({ summary: 'Get the look of the status page', answer: [200, 'It.'], problems: [ROUTE_NOT_FOUND] })
  readStatusStyle(): Text {
    return PAGES_STYLE;
  }

  @Get('status.js')
  @Public()
  @Produces('text/javascript')
  @ApiOkResponse(textContent('text/javascript', 'plan();'))
  @Operation({ summary: 'Get the script of the status page', answer: [200, 'It.'], problems: [ROUTE_NOT_FOUND] })
  readStatusScript(): Text {
    return STATUS_SCRIPT;
  }
}
