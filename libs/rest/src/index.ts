export { EmptyBody } from './fields/empty-body.dto.js';
export { AcceptGuard } from './accept.guard.js';
export { ExchangeInterceptor } from './exchange.interceptor.js';
export { Deprecated, DEPRECATION_EXTENSION } from './deprecation/deprecated.decorator.js';
export { etagOf } from './etag.js';
export { EXPORT_CONTENT } from './export/export-content.js';
export { rowsAsked } from './export/exported.js';
export { parseInstant } from './fields/instant.js';
export { EmailField, rule, TextField } from './fields/text.field.js';
export { BooleanField, IdField, InstantField, IntegerField, ListField, OneOfField } from './fields/value.fields.js';
export { type FieldOptions, allowAbsence, documented } from './fields/field-options.js';
export { IfMatch, OptionalIfMatch, prefers, PrefersMinimal, PrefersTotal } from './header.decorators.js';
export { Batch } from './idempotency/batch.js';
export { type Answer, Idempotency } from './idempotency/idempotency.js';
export { IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_PROBLEMS, KeyReusedError } from './idempotency/idempotency.errors.js';
export { KeptAnswers, type KeptKey } from './idempotency/kept-answers.js';
export { IdempotencySweeper } from './idempotency/idempotency.sweeper.js';
export { IdempotencyRecord } from './idempotency/idempotency-record.entity.js';
export { IDEMPOTENCE_EXTENSION, Idempotent, Keyed } from './idempotency/idempotent.decorator.js';
export { KeyedRequest } from './idempotency/keyed-request.js';
export { InterceptorChain } from './interceptor-chain.js';
export { IdParam } from './id-param.decorator.js';
export { SpooledBody } from './lines/spooled-body.js';
export {
  Consumes,
  CSV_TYPE,
  EVENTS_TYPE,
  FORM_TYPE,
  JSON_TYPE,
  LINES_TYPE,
  MERGE_PATCH_TYPE,
  Produces,
} from './media-types.decorators.js';
export { Operation, PROBLEMS_EXTENSION } from './openapi/operation.decorator.js';
export { CursorCodec, type Position } from './pagination/cursor-codec.js';
export { Page, PageInfo } from './pagination/page.js';
export { PageQuery } from './pagination/page-query.dto.js';
export { type OpenPage, type PageReader, Pagination } from './pagination/pagination.js';
export { Precondition } from './precondition.js';
export { representCreated } from './representation.js';
export { RestAdapter } from './rest.adapter.js';
export { AcceptedAt, CreatedAt, NO_STORE_EXTENSION, NoStore } from './renderer.js';
export {
  CURSOR_INVALID,
  CursorInvalidError,
  PRECONDITION_FAILED,
  PRECONDITION_REQUIRED,
  PreconditionFailedError,
  PreconditionRequiredError,
  URI_TOO_LONG,
} from './rest.errors.js';
export { RestModule } from './rest.module.js';
export { RestOptions } from './rest-options.js';
export { limitUrl } from './url-limit.middleware.js';
export { Html } from './html.js';
export { Text } from './text.js';
export { PreferredType } from './preferred-type.decorator.js';
