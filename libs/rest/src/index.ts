export { EmptyBody } from './fields/empty-body.dto.js';
export { AcceptInterceptor } from './accept.interceptor.js';
export { BodyInterceptor } from './body.interceptor.js';
export { etagOf } from './etag.js';
export { parseInstant } from './fields/instant.js';
export { EmailField, rule, TextField } from './fields/text.field.js';
export { BooleanField, IdField, InstantField, IntegerField, ListField, OneOfField } from './fields/value.fields.js';
export { type FieldOptions, allowAbsence, documented } from './fields/field-options.js';
export { IfMatch, OptionalIfMatch, PrefersTotal } from './header.decorators.js';
export { IdParam } from './id-param.decorator.js';
export { Consumes, FORM_TYPE, JSON_TYPE, MERGE_PATCH_TYPE, Produces } from './media-types.decorators.js';
export { Operation, PROBLEMS_EXTENSION } from './openapi/operation.decorator.js';
export { CursorCodec, type Position } from './pagination/cursor-codec.js';
export { Page, PageInfo } from './pagination/page.js';
export { PageQuery } from './pagination/page-query.dto.js';
export { type OpenPage, Pagination } from './pagination/pagination.js';
export { Precondition } from './precondition.js';
export { CreatedAt, NO_STORE_EXTENSION, NoStore, RepresentationInterceptor } from './representation.interceptor.js';
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
export { UndeclaredQueryInterceptor } from './undeclared-query.interceptor.js';
export { Html } from './html.js';
export { PreferredType } from './preferred-type.decorator.js';
