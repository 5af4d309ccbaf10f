import { Injectable } from '@nestjs/common';
import type { Caller } from '@app/auth';
import { databaseProblem, Transaction } from '@app/database';
import { AppLogger, currentContext } from '@app/logging';
import { AppError, InternalError, problemDocument, type ProblemDocument, RequestValidationPipe } from '@app/problem';
import {
  type Answer,
  Batch,
  Idempotency,
  type KeyedRequest,
  KeyReusedError,
  representCreated,
  RestOptions,
} from '@app/rest';
import { BatchedOrderDto } from './dto/place-orders.dto.js';
import { OrderDto } from './dto/order.dto.js';
import { PlaceOrderDto } from './dto/place-order.dto.js';
import { OrdersService } from './orders.service.js';

export interface BatchRequest {
  readonly caller: Caller;
  readonly request: KeyedRequest;
  /** Whether the orders themselves are left out of the answer. */
  readonly isMinimal: boolean;
}

interface Placed {
  readonly entry: BatchedOrderDto;
  readonly isReplay: boolean;
}

/** The key of the batch was used by another body, of all things at the same moment: that refuses the batch as a whole. */
class BatchKeyReusedError extends KeyReusedError {}

const validation = new RequestValidationPipe();
const BODY = { type: 'body', metatype: PlaceOrderDto } as const;

/** Orders placed together: each commits or fails by itself, with an idempotency key of its own. */
@Injectable()
export class OrderBatchesService {
  private readonly log = new AppLogger(OrderBatchesService.name);

  constructor(
    private readonly orders: OrdersService,
    private readonly idempotency: Idempotency,
    private readonly options: RestOptions,
    private readonly transaction: Transaction,
  ) {}

  /**
   * One after the other, so that a batch never takes more than one connection. A database that goes away ends it: what
   * was not tried is answered like what failed, and all of it with 503 when nothing was placed before.
   *
   * @throws KeyReusedError 422 when another body uses the key up at the same moment.
   */
  place(inputs: readonly unknown[], batch: BatchRequest): Promise<Batch<BatchedOrderDto>> {
    return this.transaction.gather(() => this.placeEach(inputs, batch)); // the other instances hear of it once
  }

  private async placeEach(inputs: readonly unknown[], batch: BatchRequest): Promise<Batch<BatchedOrderDto>> {
    const results: Placed[] = [];
    let isUsed = false;
    let away: AppError | undefined;
    for (const [index, input] of inputs.entries()) {
      const result: Placed | AppError = away ?? (await this.placeOne({ index, input, isUsed }, batch));
      if (result instanceof AppError) {
        if (isAway(result) && !results.some(({ entry }) => entry.status === CREATED)) throw result;
        away = isAway(result) ? result : undefined;
        results.push(refused(index, result, batch.request.path));
      } else {
        isUsed ||= !result.isReplay;
        results.push(result);
      }
    }
    const isReplay = results.every((result) => result.isReplay);
    return new Batch(
      results.map(({ entry }) => entry),
      { isReplay, isMinimal: batch.isMinimal },
    );
  }

  /** @returns what refuses the entry. @throws what refuses the batch. */
  private async placeOne(
    { index, input, isUsed }: { index: number; input: unknown; isUsed: boolean },
    { caller, request, isMinimal }: BatchRequest,
  ): Promise<Placed | AppError> {
    try {
      const { status, representation, isReplay } = await this.idempotency.run(request.entry(index, input), async () => {
        if (!isUsed) await this.useKey(request);
        return this.answer(input, caller);
      });
      const order: unknown = isMinimal ? undefined : JSON.parse(representation.body);
      const location = representation.headers['Location'] ?? '';
      return { entry: { index, status, location, ...(!isMinimal && { order }) }, isReplay };
    } catch (error) {
      if (error instanceof BatchKeyReusedError) throw error;
      return this.problemOf(error);
    }
  }

  private async useKey(request: KeyedRequest): Promise<void> {
    try {
      await this.idempotency.use(request);
    } catch (error) {
      throw error instanceof KeyReusedError ? new BatchKeyReusedError() : error;
    }
  }

  /** As `POST /orders` answers. */
  private async answer(input: unknown, caller: Caller): Promise<Answer> {
    const valid: unknown = await validation.transform(input, BODY);
    if (!(valid instanceof PlaceOrderDto)) throw new Error('the validation gives back an instance of its class');
    const order = OrderDto.from(await this.orders.place(valid, caller));
    return { status: CREATED, representation: representCreated(order, `${this.options.prefix}/orders/${order.id}`) };
  }

  private problemOf(error: unknown): AppError {
    const known = error instanceof AppError ? error : (databaseProblem(error) ?? new InternalError(error));
    if (known.problem.status >= 500) {
      this.log.error('an order of a batch failed', { code: known.problem.code, error: known.cause ?? known });
    }
    return known;
  }
}

const CREATED = 201;
const UNAVAILABLE = 503;

function isAway({ problem }: AppError): boolean {
  return problem.status === UNAVAILABLE;
}

function refused(index: number, error: AppError, instance: string): Placed {
  const problem = problemDocument(error, { instance, requestId: currentContext()?.requestId ?? null });
  return { entry: { index, status: problem.status, problem: pointingInto(index, problem) }, isReplay: false };
}

/** Pointers into the entry become pointers into the request. */
function pointingInto(index: number, problem: ProblemDocument): ProblemDocument {
  if (!problem.errors) return problem;
  const errors = problem.errors.map((error) =>
    'pointer' in error ? { ...error, pointer: `/orders/${index}${error.pointer}` } : error,
  );
  return { ...problem, errors };
}
