import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IntegerField, ListField, rule, TextField } from '@app/rest';
import { CURRENCIES, isCurrency } from '../currency.js';

const SKU = /^[A-Za-z0-9._-]+$/;

export function SkuField(description: string, optional = false): PropertyDecorator {
  return TextField({ description, example: 'TEA-GREEN-100', max: 64, pattern: SKU, optional });
}

export function CurrencyField(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description: 'Current ISO 4217 code.', example: 'USD', enum: [...CURRENCIES], enumName: 'Currency' }),
    rule('currency', isCurrency, '$property must be a current ISO 4217 code, in upper case'),
  );
}

@ApiSchema({ name: 'PlaceOrderItem', description: 'One line of a new order.' })
export class PlaceOrderItemDto {
  @SkuField('Stock keeping unit; each once in an order.')
  readonly sku: string;

  @TextField({ description: 'What it is called.', example: 'Green tea, 100 g', max: 100 })
  readonly name: string;

  @IntegerField({ description: 'How many.', example: 2, min: 1, max: 1_000 })
  readonly quantity: number;

  @IntegerField({ description: 'Price of one, in the minor unit.', example: 790, min: 0, max: 1_000_000_000 })
  readonly unitPriceCents: number;
}

const ITEMS = { min: 1, max: 100, of: PlaceOrderItemDto, uniqueBy: 'sku' } as const;

@ApiSchema({ name: 'PlaceOrder', description: 'A new order.' })
export class PlaceOrderDto {
  @CurrencyField()
  readonly currency: string;

  @ListField({ description: 'What is ordered; the total is computed and at least 1.', ...ITEMS })
  readonly items: readonly PlaceOrderItemDto[];

  @TextField({
    description: 'Free text.',
    example: 'Leave it with the neighbour.',
    max: 1_000,
    optional: true,
    nullable: true,
  })
  readonly note?: string | null;
}

@ApiSchema({ name: 'PatchOrder', description: 'JSON merge patch (RFC 7396): what is absent stays.' })
export class PatchOrderDto {
  @TextField({
    description: 'Free text; null removes it.',
    example: 'Ring twice.',
    max: 1_000,
    optional: true,
    nullable: true,
  })
  readonly note?: string | null;

  @ListField({ description: 'All items anew, while the order is pending and unpaid.', ...ITEMS, optional: true })
  readonly items?: readonly PlaceOrderItemDto[];
}
