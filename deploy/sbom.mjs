// The bill of materials of the image, CycloneDX, on standard output: npm's own, without what the image goes without.
// `npm sbom --omit dev` would leave out more: all that any package asks for in development, express among it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ARGUMENTS = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];

const npm = execFileSync('npm', ARGUMENTS, { encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'inherit'] });
process.stdout.write(`${JSON.stringify(forImage(JSON.parse(npm)), null, 2)}\n`);

function forImage(bom) {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const inImage = packagesOfImage();
  const components = bom.components
    .filter((each) => inImage.has(each['bom-ref']))
    .map((each) => ({ ...each, scope: 'required', properties: [] }));
  const kept = new Set([bom.metadata.component['bom-ref'], ...inImage]);
  const dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
  const component = { ...bom.metadata.component, name, version };
  return { ...bom, metadata: { ...bom.metadata, component }, components, dependencies };
}

/** By the lockfile: npm marks a package as development when one of several places of it is. */
function packagesOfImage() {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const entries = Object.entries(packages).filter(
    ([place, { dev, optional, devOptional }]) => place !== '' && !dev && !optional && !devOptional,
  );
  return new Set(entries.map(([place, { version }]) => `${place.split('node_modules/').at(-1)}@${version}`));
}
