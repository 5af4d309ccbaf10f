import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { programFile } from './installed.js';
import { end } from './processes.js';
import { canConnect, freePort } from './throw-away-redis.js';
import { until } from './waiting.js';

/** Debian's nginx as a process of its own in front of several servers, as a balancer in production would stand there. */
export class ThrowAwayNginx {
  private constructor(
    readonly url: string,
    private readonly directory: string,
    private readonly server: ChildProcess,
  ) {}

  /** @param ports of the servers, on this machine. */
  static async start(ports: readonly number[]): Promise<ThrowAwayNginx> {
    const file = programFile('nginx');
    if (file === undefined) throw new Error('nginx is not installed');
    const port = await freePort();
    const directory = fs.mkdtempSync('/tmp/plinth-nginx-');
    fs.writeFileSync(`${directory}/nginx.conf`, configuration(port, ports));
    const server = spawn(file, ['-p', `${directory}/`, '-e', 'error.log', '-c', 'nginx.conf'], { stdio: 'ignore' });
    const nginx = new ThrowAwayNginx(`http://127.0.0.1:${port}`, directory, server);
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`nginx ended with ${server.exitCode}: ${nginx.errors}`);
      return canConnect(port);
    });
    return nginx;
  }

  /** What it complained of: servers that it did not reach, above all. */
  get errors(): string {
    const file = `${this.directory}/error.log`;
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  async remove(): Promise<void> {
    await end(this.server, 'SIGTERM');
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * Several requests may share a connection to a server, and a dead server costs nobody an error: what never reached it, or
 * may be repeated by its method, goes to the next. A POST that a server may have seen is never sent again.
 */
function configuration(port: number, ports: readonly number[]): string {
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 2048; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream instances {
    least_conn;
    ${ports.map((each) => `server 127.0.0.1:${each} max_fails=1 fail_timeout=1s;`).join('\n    ')}
    keepalive 128;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://instances;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_connect_timeout 1s;
      proxy_read_timeout 20s;
      proxy_next_upstream error timeout;
      proxy_next_upstream_tries 3;
    }
  }
}
`;
}
