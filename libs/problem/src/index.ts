export { AppError, type AppErrorOptions, type FieldError } from './app-error.js';
export { answerBrokenRequests } from './broken-requests.js';
export { type Problem, defineProblem, findProblem, problemCatalogue } from './problem.js';
export { PROBLEM_JSON, type ProblemDocument, problemDocument } from './problem-document.js';
export { answerUnknownPath, type ErrorTranslator, ProblemFilter } from './problem.filter.js';
export {
  CONCURRENT_UPDATE,
  INTERNAL,
  METHOD_NOT_ALLOWED,
  NOT_ACCEPTABLE,
  REQUEST_INVALID,
  REQUEST_MALFORMED,
  ROUTE_NOT_FOUND,
  SERVICE_UNAVAILABLE,
  TOO_LARGE,
  UNSUPPORTED_MEDIA_TYPE,
  ConcurrentUpdateError,
  InternalError,
  MethodNotAllowedError,
  NotAcceptableError,
  RequestInvalidError,
  RequestMalformedError,
  RouteNotFoundError,
  ServiceUnavailableError,
  TooLargeError,
  UnsupportedMediaTypeError,
} from './request.errors.js';
export { RequestValidationPipe } from './validation.pipe.js';
