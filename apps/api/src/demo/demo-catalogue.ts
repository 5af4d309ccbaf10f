const FIRST_NAMES =
  'Ada Alan Amara Anna Aryan Ben Carmen Chidi Clara Diego Elif Emil Fatima Grace Hana Ivan Jamal Jun Kofi Lena Liam Lucia Mei Mila Nadia Noah Olga Omar Priya Rosa Sofia Tariq Uma Viktor Wanda Yuki Zoe'.split(
    ' ',
  );
const LAST_NAMES =
  'Abara Becker Castro Dubois Evans Fischer Garcia Haddad Ito Jensen Kaya Lindgren Moreau Novak Okafor Patel Quinn Rossi Silva Tanaka Ueda Varga Weber Xu Yilmaz Zhang'.split(
    ' ',
  );

/** Name number `n`: each combination once before one comes again, as 37 first and 26 last names have no common factor. */
export function personName(n: number): string {
  const first = FIRST_NAMES[n % FIRST_NAMES.length] ?? '';
  const last = LAST_NAMES[(n * 7) % LAST_NAMES.length] ?? '';
  return `${first} ${last}`;
}

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly unitPriceCents: number;
}

/** A shop for tea and coffee, best sellers first. */
export const PRODUCTS: readonly Product[] = [
  { sku: 'COF-ESPRESSO-1KG', name: 'Espresso beans, 1 kg', unitPriceCents: 2490 },
  { sku: 'TEA-GREEN-100', name: 'Green tea, 100 g', unitPriceCents: 790 },
  { sku: 'COF-FILTER-500', name: 'Filter coffee, 500 g', unitPriceCents: 1290 },
  { sku: 'TEA-EARLGREY-100', name: 'Earl Grey, 100 g', unitPriceCents: 690 },
  { sku: 'ACC-FILTER-100', name: 'Paper filters, 100 pieces', unitPriceCents: 390 },
  { sku: 'TEA-CHAI-250', name: 'Chai spice mix, 250 g', unitPriceCents: 1190 },
  { sku: 'ACC-MUG-BLUE', name: 'Stoneware mug, blue', unitPriceCents: 1490 },
  { sku: 'COF-DECAF-500', name: 'Decaf, 500 g', unitPriceCents: 1390 },
  { sku: 'TEA-MATCHA-30', name: 'Matcha, 30 g', unitPriceCents: 2290 },
  { sku: 'ACC-GRINDER-HAND', name: 'Hand grinder', unitPriceCents: 6900 },
  { sku: 'ACC-KETTLE-1L', name: 'Gooseneck kettle, 1 l', unitPriceCents: 5900 },
  { sku: 'ACC-SCALE-01', name: 'Brewing scale, 0.1 g', unitPriceCents: 3900 },
  { sku: 'GIFT-CARD-50', name: 'Gift card', unitPriceCents: 5000 },
  { sku: 'ACC-MACHINE-PRO', name: 'Espresso machine', unitPriceCents: 89900 },
];

/** Most trade in dollars. */
export const CURRENCIES = ['USD', 'USD', 'USD', 'USD', 'EUR', 'EUR', 'GBP'] as const;
