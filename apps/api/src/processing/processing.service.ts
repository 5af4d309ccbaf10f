import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { idAfter } from '@app/database';
import { Job, type JobHandler, JobHandlers, JobNotFoundError, Jobs, NoLinesError, parsePayload } from '@app/jobs';
import { currentContext } from '@app/logging';
import { type FieldError, RequestInvalidError, RequestValidationPipe } from '@app/problem';
import { type Page, Pagination, SpooledBody } from '@app/rest';
import { type FindOperator, type FindOptionsWhere, Raw, Repository } from 'typeorm';
import { JobDto, SHOWN_OF_JOB } from './dto/job.dto.js';
import type { ListJobsQuery } from './dto/list-jobs.query.js';
import { ProcessDto } from './dto/process.dto.js';

const validation = new RequestValidationPipe();
const BODY = { type: 'body', metatype: ProcessDto } as const;

@Injectable()
export class ProcessingService {
  constructor(
    @InjectRepository(Job) private readonly rows: Repository<Job>,
    private readonly jobs: Jobs,
    private readonly handlers: JobHandlers,
    private readonly pagination: Pagination,
  ) {}

  /**
   * @param body a {@link ProcessDto}, not yet validated, or lines for the type that the query names; undefined when there
   *   is none.
   * @throws RequestInvalidError 422 for an unknown type, and for data that it refuses; whatever its handler refuses.
   */
  start(body: unknown, type: string | undefined, caller: Caller): Promise<Job> {
    const lines = body instanceof SpooledBody ? body : undefined;
    const isOfLines = lines !== undefined || (body === undefined && type !== undefined);
    return isOfLines ? this.startLines(lines, type, caller) : this.startData(body, type, caller);
  }

  /** @throws RequestInvalidError 422 unless the type takes lines; whatever its handler refuses. */
  async assertMaySendLines(type: string | undefined, caller: Caller): Promise<void> {
    await this.takerOfLines(type).authorize(undefined, callerFor(caller));
  }

  /** Own jobs, unless they are about somebody else; admins see those of everyone. */
  async list(query: ListJobsQuery, caller: Caller, wantsTotal: boolean): Promise<Page<JobDto>> {
    const { status, type } = query;
    const where: FindOptionsWhere<Job> = {
      ...(!caller.has('admin') && { createdBy: caller.id, payload: aboutNoOtherThan(caller.id) }),
      ...(status !== undefined && { status }),
      ...(type !== undefined && { type }),
    };
    return this.pagination.read({ list: 'jobs', callerId: caller.id, query }, async (open) => {
      const [found, total] = await Promise.all([
        this.rows.find({
          select: SHOWN_OF_JOB,
          where: { ...where, ...(open.after && { id: idAfter('created_at', open.after) }) },
          order: { createdAt: 'DESC', id: 'DESC' },
          take: open.take,
        }),
        wantsTotal ? this.rows.countBy(where) : undefined,
      ]);
      const { rows, page } = open.close(found, ({ createdAt, id }) => ({ at: createdAt, id }));
      return page(
        rows.map((job) => JobDto.from(job)),
        total,
      );
    });
  }

  /** @throws JobNotFoundError 404, for jobs of others, too. */
  async read(id: string, caller: Caller): Promise<Job> {
    const job = await this.rows.findOneBy({ id });
    if (!caller.mayAccess(ownerOf(job)) || !job) throw new JobNotFoundError();
    return job;
  }

  /** @throws JobNotFoundError 404, JobNotCancellableError 409. */
  async cancel(id: string, caller: Caller): Promise<Job> {
    await this.read(id, caller);
    return this.jobs.cancel(id);
  }

  /** @throws JobNotFoundError 404, JobNotRetryableError 409. */
  retry(id: string): Promise<Job> {
    return this.jobs.retry(id);
  }

  private async startLines(body: SpooledBody | undefined, type: string | undefined, caller: Caller): Promise<Job> {
    const handler = this.takerOfLines(type);
    await handler.authorize(undefined, callerFor(caller)); // again: the body may have been long on its way
    if (!body) throw new NoLinesError();
    return this.jobs.enqueueLines(handler.type.name, body, originOf(caller));
  }

  private async startData(body: unknown, typeInQuery: string | undefined, caller: Caller): Promise<Job> {
    if (typeInQuery !== undefined) throw refused({ in: 'query', parameter: 'type' }, 'lines', 'is for bodies of lines');
    const { type, data } = await this.parse(body);
    const handler = this.handlers.find(type);
    if (!handler) throw refused({ pointer: '/type' }, 'unknown_type', `must be one of ${this.names().join(', ')}`);
    const asker = callerFor(caller);
    await handler.authorize(undefined, asker);
    const payload = await parsePayload(handler.type, data).catch((error: unknown) => {
      throw inData(error);
    });
    await handler.authorize(payload, asker);
    return this.jobs.enqueue(type, payload, originOf(caller));
  }

  private async parse(body: unknown): Promise<ProcessDto> {
    const parsed: unknown = await validation.transform(body, BODY);
    if (parsed instanceof ProcessDto) return parsed;
    throw new Error('the body cannot be validated');
  }

  private takerOfLines(type: string | undefined): JobHandler {
    const handler = type === undefined ? undefined : this.handlers.find(type);
    if (handler?.type.takesLines === true) return handler;
    const takers = this.handlers.all().filter((each) => each.type.takesLines === true);
    const names = takers.map((each) => each.type.name).join(', ');
    throw refused({ in: 'query', parameter: 'type' }, 'unknown_type', `must be one of ${names}`);
  }

  private names(): string[] {
    return this.handlers.all().map(({ type }) => type.name);
  }
}

/** What a payload calls the user whom its job is about. */
const SUBJECT = 'userId';

/** Nobody owns a job of the calendar, nor one about somebody else than who asked for it: an admin may be none any more. */
function ownerOf(job: Job | null): string {
  const subject: unknown = Reflect.get(job?.payload ?? {}, SUBJECT);
  const isAboutAnother = subject !== undefined && subject !== job?.createdBy;
  return isAboutAnother ? '' : (job?.createdBy ?? '');
}

/** In parentheses, because TypeORM knows the column only between these, blanks and commas. */
function aboutNoOtherThan(userId: string): FindOperator<object> {
  return Raw((payload) => `coalesce((${payload})->>'${SUBJECT}', :subject) = :subject`, { subject: userId });
}

type Place = { readonly pointer: string } | { readonly in: 'query'; readonly parameter: string };

function refused(place: Place, code: string, what: string): RequestInvalidError {
  const error: FieldError = { ...place, code, detail: `type ${what}.` };
  return new RequestInvalidError([error]);
}

/** What is wrong with the payload is wrong with a member of the body. */
function inData(error: unknown): unknown {
  if (!(error instanceof RequestInvalidError)) return error;
  const errors = (error.errors ?? []).map((one) =>
    'pointer' in one ? { ...one, pointer: `/data${one.pointer}` } : one,
  );
  return new RequestInvalidError(errors);
}

function callerFor(caller: Caller) {
  return { id: caller.id, has: (...roles: readonly string[]) => caller.hasAny(roles) };
}

function originOf({ id }: Caller) {
  return { createdBy: id, requestId: currentContext()?.requestId ?? id };
}
