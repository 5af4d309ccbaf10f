import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { VARIABLES } from '../../apps/api/src/app.variables.js';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly build?: { readonly context: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly (string | { readonly source: string })[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly stop_grace_period?: string;
  readonly [key: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: object;
  readonly volumes: object;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose: Compose = parse(fs.readFileSync('deploy/compose.yaml', 'utf8'), { merge: true });
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === 'plinth:local');
const IN_FILES = Object.values(VARIABLES).filter((each) => 'isInFile' in each && each.isInFile);
const KNOWN = [...Object.values(VARIABLES).map(({ name }) => name), ...IN_FILES.map(({ name }) => `${name}_FILE`)];
/** Of compose files, as far as this one needs them: Compose refuses others. */
const KEYS = `build cap_drop command depends_on deploy entrypoint environment healthcheck image logging networks ports
  read_only restart secrets security_opt shm_size stop_grace_period stop_signal tmpfs user volumes`.split(/\s+/);

const faults = (isWrong: (service: Service, name: string) => boolean): readonly string[] =>
  services.filter(([name, service]) => isWrong(service, name)).map(([name]) => name);
const sourceOf = (secret: string | { source: string }): string => (typeof secret === 'string' ? secret : secret.source);

describe('deploy/compose.yaml', () => {
  it('what there is → a balancer, three of the API, two workers, and what they need', () => {
    expect(services.map(([name]) => name)).toEqual(
      'nginx api-1 api-2 api-3 worker-1 worker-2 migration postgres pgbouncer redis prometheus grafana'.split(' '),
    );
    expect(services.flatMap(([, service]) => Object.keys(service)).filter((key) => !KEYS.includes(key))).toEqual([]);
  });

  it('its images → pinned, or built here', () => {
    expect(faults(({ image = '', build }) => !build && !/:v?\d+\.\d+(?:\.\d+)?$/.test(image))).toEqual([]);
    for (const [, { build }] of services)
      if (build) expect(fs.existsSync(`deploy/${build.context}/Dockerfile`)).toBe(true);
  });

  it('what it mounts → is there, and read-only', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')));
    for (const [source = '', , mode] of mounts) {
      if (!source.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
      else expect([source, fs.existsSync(`deploy/${source}`), mode]).toEqual([source, true, 'ro']);
    }
  });

  it('its secrets → declared, made by make-secrets.sh, and none in the environment', () => {
    const used = services.flatMap(([, { secrets = [] }]) => secrets.map(sourceOf));
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(compose.secrets).toSorted());
    const folder = fs.mkdtempSync('/tmp/plinth-secrets-');
    try {
      fs.copyFileSync('deploy/make-secrets.sh', `${folder}/make-secrets.sh`);
      for (const _ of [1, 2]) execFileSync(`${folder}/make-secrets.sh`);
      for (const { file } of Object.values(compose.secrets)) {
        expect([file, fs.statSync(`${folder}/${file}`).size > 0]).toEqual([file, true]);
      }
      expect(fs.readFileSync(`${folder}/secrets/jwt_keys`, 'utf8')).toMatch(/^k1=[\w-]{43}\n$/);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
    expect(
      faults(({ environment = {} }) =>
        /password|:\/\/[^ ]*:/i.test(
          Object.values(environment)
            .filter((value) => !value.startsWith('/run/secrets/'))
            .join(' '),
        ),
      ),
    ).toEqual([]);
  });

  it('files in the environment → secrets that the service is given', () => {
    for (const [name, { environment = {}, secrets = [] }] of services) {
      const files = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
      const given = secrets.map((secret) => `/run/secrets/${sourceOf(secret)}`);
      expect([name, files.filter((file) => !given.includes(file))]).toEqual([name, []]);
    }
  });

  it('variables of the application → those that it reads', () => {
    const names = ours.flatMap(([, { environment = {} }]) => Object.keys(environment));
    expect(names.filter((name) => !KNOWN.includes(name))).toEqual([]);
    expect(names).toContain('MIGRATE');
  });

  it('what is waited for → is healthy, or is the migration, and ends', () => {
    for (const [name, { depends_on: needed = {} }] of services) {
      for (const [other, { condition }] of Object.entries(needed)) {
        const { healthcheck } = compose.services[other] ?? {};
        const expected = other === 'migration' ? 'service_completed_successfully' : 'service_healthy';
        expect([name, other, condition]).toEqual([name, other, expected]);
        if (other !== 'migration') expect([other, healthcheck?.test?.[0]]).toEqual([other, 'CMD']);
      }
    }
    for (const name of ['api-1', 'worker-1']) {
      expect(Object.keys(compose.services[name]?.depends_on ?? {})).toEqual(['migration', 'pgbouncer', 'redis']);
    }
  });

  it('every container → read-only, without capabilities, without more rights, with limits', () => {
    const isLoose = ({ read_only: readOnly, cap_drop: dropped, security_opt: options, deploy }: Service): boolean =>
      JSON.stringify([readOnly, dropped, options]) !== '[true,["ALL"],["no-new-privileges:true"]]' ||
      !JSON.stringify(deploy).includes('"limits":{"cpus"');
    expect(faults(isLoose)).toEqual([]);
    expect(faults(({ user, build }) => !build && !/^[1-9]\d*:\d+$/.test(String(user)))).toEqual([]); // images have their own
  });

  it('the ports of this machine → for the balancer alone, and the figures from this machine alone', () => {
    const published = services
      .filter(([, { ports = [] }]) => ports.length > 0)
      .map(([name, { ports }]) => [name, ports]);
    expect(published).toEqual([
      ['nginx', ['443:8443', '80:8080']],
      ['grafana', ['127.0.0.1:3001:3000']],
    ]);
    expect(
      faults(({ networks = [] }, name) => networks.includes('outside') !== ['nginx', 'grafana'].includes(name)),
    ).toEqual([]);
  });

  it('the API → has the time that its end takes', () => {
    for (const [name, { stop_grace_period: grace = '' }] of ours)
      expect([name, Number.parseInt(grace, 10) > 10]).toEqual([name, true]);
  });
});
