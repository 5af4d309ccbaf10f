import { beforeAll, describe, expect, it } from '@jest/globals';
import { VARIABLES } from '../../apps/api/src/app.variables.js';
import { build, faultsOf, type Manifest, read } from '../support/manifests.js';

const IN_FILES = Object.values(VARIABLES).filter((each) => 'isInFile' in each && each.isInFile);
const KNOWN = [...Object.values(VARIABLES).map(({ name }) => name), ...IN_FILES.map(({ name }) => `${name}_FILE`)];
/** From SIGTERM to the end, at most. */
const DRAIN_S = 10;

describe.each(['staging', 'production'])('deploy/k8s/overlays/%s', (overlay) => {
  let manifests: readonly Manifest[];
  beforeAll(() => {
    manifests = build(`deploy/k8s/overlays/${overlay}`);
  });

  const ofKind = (...kinds: readonly string[]): readonly Manifest[] =>
    manifests.filter(({ kind }) => kinds.includes(kind));
  const withPods = (): readonly Manifest[] => ofKind('Deployment', 'Job');
  const containers = () => withPods().flatMap(({ spec }) => spec.template.spec.containers);

  it('every manifest → valid by the schema of its kind, without a key that the schema does not know', async () => {
    for (const manifest of manifests) {
      expect([manifest.kind, manifest.metadata.name, await faultsOf(manifest)]).toEqual([
        manifest.kind,
        manifest.metadata.name,
        [],
      ]);
    }
  });

  it('what there is → all of it, in the namespace of the overlay, which admits restricted pods alone', () => {
    const kinds = new Set(manifests.map(({ kind }) => kind));
    for (const kind of [
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'Job',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ]) {
      expect(kinds).toContain(kind);
    }
    expect(kinds).not.toContain('Secret');
    const [namespace] = ofKind('Namespace');
    for (const { kind, metadata } of manifests) {
      if (kind !== 'Namespace') expect([kind, metadata.namespace]).toEqual([kind, namespace?.metadata.name]);
    }
    expect(namespace?.['metadata']).toMatchObject({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
  });

  it('its variables → those that the application reads', () => {
    const names = [
      ...ofKind('ConfigMap').flatMap(({ data }) => Object.keys(data)),
      ...containers().flatMap(({ env = [] }) => env.map(({ name }: { name: string }) => name)),
    ];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !KNOWN.includes(name))).toEqual([]);
  });

  it('every pod → without root, without rights, without a token, with limits, from a pinned image', () => {
    for (const { spec } of withPods()) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
    }
    for (const container of containers()) {
      expect(container).toMatchObject({
        image: expect.stringMatching(/^registry\.example\.com\/plinth:\d/),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: {
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        },
      });
    }
  });

  it('the API → has three probes, and the time that its end takes', () => {
    const { spec } =
      ofKind('Deployment').find(({ metadata }) => metadata.name === 'plinth-api')?.['spec'].template ?? {};
    const [api] = spec.containers;
    expect([api.startupProbe, api.readinessProbe, api.livenessProbe].map(({ httpGet }) => httpGet.path)).toEqual([
      '/health/startup',
      '/health/ready',
      '/health/live',
    ]);
    const needed = api.lifecycle.preStop.sleep.seconds + DRAIN_S;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed + 5);
  });

  it('selectors → each finds pods', () => {
    const pods = withPods().map(({ spec }) => spec.template.metadata.labels);
    const selectors = [
      ...ofKind('Service').map(({ spec }) => spec.selector),
      ...ofKind('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
      ...ofKind('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels ?? {}),
    ];
    for (const selector of selectors) {
      const finds = pods.some((labels) => Object.entries(selector).every(([name, value]) => labels[name] === value));
      expect([selector, finds]).toEqual([selector, true]);
    }
  });
});

describe('the check itself', () => {
  it.each([
    ['a key that nobody knows, deep down', 'lifecycel: {}', '/spec/template/spec/containers/0/lifecycel is no key'],
    ['a wrong type', 'ports: [{ containerPort: many }]', '/spec/template/spec/containers/0/ports/0/containerPort'],
  ])('%s → found', async (_name, planted, found) => {
    const [manifest] = read(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: planted }
spec:
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec:
      containers:
        - name: api
          ${planted}
`);
    if (!manifest) throw new Error('nothing was read');
    expect(await faultsOf(manifest)).toEqual(expect.arrayContaining([expect.stringContaining(found)]));
  });
});
