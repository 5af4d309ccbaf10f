import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAllowance } from './allowance.js';

const CORES = os.availableParallelism();
const MEMORY = os.totalmem();
const MIB = 1_048_576;

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'plinth-cgroup-'));
});
afterEach(() => fs.rmSync(root, { recursive: true }));

/** @param files by their path below the mount; `membership` is that of the process. */
function read(files: Readonly<Record<string, string>>, membership = '0::/\n') {
  const paths = { mount: path.join(root, 'cgroup'), membership: path.join(root, 'membership') };
  fs.mkdirSync(paths.mount);
  fs.writeFileSync(paths.membership, membership);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(paths.mount, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return readAllowance(paths);
}

describe('what a process may use', () => {
  it('version 2, as in a container → its limits', () => {
    const files = { 'cpu.max': '50000 100000\n', 'memory.max': `${64 * MIB}\n` };
    expect(read(files)).toEqual({ cores: 0.5, memoryBytes: 64 * MIB });
  });

  it('version 2, nested → the tightest on the way up', () => {
    const files = {
      'pod/cpu.max': '20000 100000\n',
      'pod/memory.max': 'max\n',
      'pod/app/cpu.max': 'max 100000\n',
      'pod/app/memory.max': `${32 * MIB}\n`,
    };
    expect(read(files, '0::/pod/app\n')).toEqual({ cores: 0.2, memoryBytes: 32 * MIB });
  });

  it('version 1 → the limits of each tree', () => {
    const files = {
      'memory/docker/a/memory.limit_in_bytes': `${16 * MIB}\n`,
      'cpu,cpuacct/docker/a/cpu.cfs_quota_us': '25000\n',
      'cpu,cpuacct/docker/a/cpu.cfs_period_us': '100000\n',
    };
    const membership = '5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n1:name=systemd:/x\n';
    expect(read(files, membership)).toEqual({ cores: 0.25, memoryBytes: 16 * MIB });
  });

  it.each([
    ['version 2 says max', { 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' }, '0::/\n'],
    ['version 1 says absurdly much', { 'memory/memory.limit_in_bytes': '9223372036854771712\n' }, '3:memory:/\n'],
    ['version 1 says -1', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, '2:cpu:/\n'],
    ['there are no groups', {}, ''],
  ])('%s → what the machine has', (_, files, membership) => {
    expect(read(files, membership)).toEqual({ cores: CORES, memoryBytes: MEMORY });
  });
});
