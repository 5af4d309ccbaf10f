/** Of a list, comma separated; a password may have commas, too. */
export function nodeUrls(urls: string): readonly string[] {
  return urls.split(/,(?=\s*rediss?:)/).map((url) => url.trim());
}

/** Who we are on every node: what the first URL says. */
export function accessOf(urls: string): { readonly username?: string; readonly password?: string } {
  const { username, password } = firstOf(urls);
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

export function transportOf(urls: string): { readonly tls?: true } {
  return firstOf(urls).protocol === 'rediss:' ? { tls: true } : {};
}

/** Another node, asked as this one is. A node that does not know how it is reached names no host: it is the same. */
export function neighbourOf(url: string, { host, port }: { host: string | null; port: number }): string {
  const neighbour = new URL(url);
  if (host) neighbour.hostname = host.includes(':') ? `[${host}]` : host;
  neighbour.port = String(port);
  return neighbour.href;
}

function firstOf(urls: string): URL {
  return new URL(nodeUrls(urls)[0] ?? '');
}
