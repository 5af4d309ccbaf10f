import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Allowance } from './sample.js';

/** Where the kernel tells of control groups; tests plant files of their own. */
export interface CgroupPaths {
  /** `/sys/fs/cgroup` */
  readonly mount: string;
  /** `/proc/self/cgroup` */
  readonly membership: string;
}

const CGROUP: CgroupPaths = { mount: '/sys/fs/cgroup', membership: '/proc/self/cgroup' };
/** `0::/a/b`, or with the name of a controller: `4:memory:/a/b`. */
const MEMBERSHIP = /^\d+:(?<controllers>[^:]*):(?<group>\/.*)$/;
/** The group of version 2, and what counts of version 1. */
const LIMITING = /^$|\b(cpu|memory)\b/;
const MEMORY = ['memory.max', 'memory.limit_in_bytes'];

/**
 * What this process may use: the tightest limit of its control group and of those above it (version 2, or 1), and never
 * more than the machine has.
 */
export function readAllowance(paths: CgroupPaths = CGROUP): Allowance {
  const groups = read(paths.membership)
    .split('\n')
    .flatMap((line) => foldersOf(line, paths.mount));
  const memory = groups.flatMap((folder) => MEMORY.map((file) => limit(read(path.join(folder, file)))));
  return {
    cores: Math.min(os.availableParallelism(), ...groups.map((folder) => quotaOf(folder))),
    memoryBytes: Math.min(os.totalmem(), ...memory),
  };
}

/** The group's own and those above it. Version 1 has a tree for each set of controllers, version 2 one for all. */
function foldersOf(line: string, mount: string): string[] {
  const { controllers = '', group } = MEMBERSHIP.exec(line)?.groups ?? {};
  if (group === undefined || !LIMITING.test(controllers)) return [];
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return [controllers, ...controllers.split(',')]
    .map((name) => path.join(mount, name))
    .flatMap((root) => [root, ...parts.map((_, depth) => path.join(root, ...parts.slice(0, depth + 1)))]);
}

/** `max 100000` or `150000 100000`; version 1 has a file for each number, and -1 for none. */
function quotaOf(folder: string): number {
  const [quota = '', period = ''] = read(path.join(folder, 'cpu.max')).split(' ');
  return Math.min(
    cores(quota, period),
    cores(read(path.join(folder, 'cpu.cfs_quota_us')), read(path.join(folder, 'cpu.cfs_period_us'))),
  );
}

function cores(quota: string, period: string): number {
  const [runs, of] = [limit(quota), limit(period)];
  return runs < Infinity && of < Infinity ? runs / of : Infinity;
}

/** Infinity for what is none. */
function limit(text: string): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : 0;
  return value > 0 ? value : Infinity;
}

/** Empty when there is no such file, as on other systems than Linux. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
