import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, Roles } from '@app/auth';
import { CURSOR_INVALID, Operation, type Page, PrefersTotal } from '@app/rest';
import { AuditService } from './audit.service.js';
import { AuditRecordDto } from './dto/audit-record.dto.js';
import { ListAuditQuery } from './dto/list-audit.query.js';

@ApiTags('Operations')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Roles('admin')
  @Operation({
    summary: 'Read the audit log',
    description:
      'Who did what to which record, from which request: every write of money, role, credential or session, newest first. Rows are never changed, and never removed.',
    answer: [200, 'A page of records.', AuditRecordDto],
    paged: true,
    problems: [CURSOR_INVALID],
  })
  listAudit(
    @Query() query: ListAuditQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<AuditRecordDto>> {
    return this.audit.list(query, caller, wantsTotal);
  }
}
