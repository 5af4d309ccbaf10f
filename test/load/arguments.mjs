import { parseArgs } from 'node:util';

const UNITS = { '': 1, k: 1_000, m: 1_000_000 };

/** Ends the process with what was wrong, and the way to ask for help. */
export class UsageError extends Error {}

/**
 * @param options as `parseArgs` takes them, each with `help`; asked for `--help`, it says that, and ends the process.
 * @returns the values by name.
 * @throws UsageError for an unknown or incomplete option.
 */
export function readArguments(usage, options) {
  const values = parsed(usage, options);
  if (!values.help) return values;
  const lines = Object.entries(options).map(([name, { help, default: usual }]) => {
    return `  --${name.padEnd(12)} ${help}${usual === undefined ? '' : ` (${usual})`}`;
  });
  process.stdout.write(`${usage}\n${lines.join('\n')}\n`);
  return process.exit();
}

function parsed(usage, options) {
  try {
    return parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new UsageError(`${error.message}\n${usage}`, { cause: error });
  }
}

/** `10000`, `10_000`, `10k`, `1M`. @throws UsageError unless it is a whole number from `min`. */
export function wholeNumber(name, text, min = 1) {
  const [, digits = '', unit = ''] = /^([\d_]+)([km]?)$/i.exec(text) ?? [];
  const value = digits === '' ? Number.NaN : Number(digits.replaceAll('_', '')) * UNITS[unit.toLowerCase()];
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`--${name} must be a whole number from ${min}, such as 10000 or 10k`);
}

/** Runs a program of this folder: what it refuses is said in one line, anything else with its stack. */
export async function run(program) {
  try {
    if (process.env.NODE_ENV === 'production') throw new UsageError('never with NODE_ENV=production');
    await program();
  } catch (error) {
    process.stderr.write(`${error instanceof UsageError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
