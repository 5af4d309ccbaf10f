import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { idAfter } from '@app/database';
import { type Page, Pagination } from '@app/rest';
import { And, type FindOptionsWhere, LessThan, MoreThanOrEqual, Repository } from 'typeorm';
import { AuditRecord } from './audit-record.entity.js';
import { AuditRecordDto } from './dto/audit-record.dto.js';
import type { ListAuditQuery } from './dto/list-audit.query.js';

/** Reads the log. */
@Injectable()
export class AuditService {
  constructor(
    @InjectRepository(AuditRecord) private readonly records: Repository<AuditRecord>,
    private readonly pagination: Pagination,
  ) {}

  async list(query: ListAuditQuery, caller: Caller, wantsTotal: boolean): Promise<Page<AuditRecordDto>> {
    const where = matching(query);
    return this.pagination.read({ list: 'audit', callerId: caller.id, query }, async ({ after, take, close }) => {
      const [found, total] = await Promise.all([
        this.records.find({
          where: { ...where, ...(after && { id: idAfter('at', after) }) },
          order: { at: 'DESC', id: 'DESC' },
          take,
        }),
        wantsTotal ? this.records.countBy(where) : undefined,
      ]);
      const { rows, page } = close(found, ({ at, id }) => ({ at, id }));
      return page(
        rows.map((record) => AuditRecordDto.from(record)),
        total,
      );
    });
  }
}

function matching(query: ListAuditQuery): FindOptionsWhere<AuditRecord> {
  const { actorId, action, subjectType, subjectId, requestId, after, before } = query;
  const time = [after && MoreThanOrEqual(after), before && LessThan(before)].filter((bound) => bound !== undefined);
  return {
    ...(actorId !== undefined && { actorId }),
    ...(action !== undefined && { action }),
    ...(subjectType !== undefined && { subjectType }),
    ...(subjectId !== undefined && { subjectId }),
    ...(requestId !== undefined && { requestId }),
    ...(time.length > 0 && { at: And(...time) }),
  };
}
