/** An app's own files, one cache per version: complete before it is used, gone when it is over. */

export interface Precached {
  readonly url: string;
  /** Of its content; null when the name changes with the content. */
  readonly revision: string | null;
}

/** Every file of the new version, or the version is not installed at all. */
export async function keepNew(scope: URL, files: readonly Precached[]): Promise<void> {
  const cache = await caches.open(await nameOf(scope, files));
  await Promise.all(files.map((file) => keepOne(cache, new URL(file.url, scope), file)));
}

async function keepOne(cache: Cache, url: URL, file: Precached): Promise<void> {
  // What other versions have under a name made from its content is the same.
  const known = file.revision === null ? await caches.match(url) : undefined;
  const answer = known ?? (await fetch(url, file.revision === null ? {} : { cache: "no-cache" }));
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
  await cache.put(url, answer);
}

export async function letGoOfOld(scope: URL, files: readonly Precached[]): Promise<void> {
  const current = await nameOf(scope, files);
  const own = (await caches.keys()).filter((name) => name.startsWith(startOf(scope)));
  await Promise.all(own.filter((name) => name !== current).map((name) => caches.delete(name)));
}

/** The file of this version, or undefined when it has none. */
export async function kept(
  scope: URL,
  files: readonly Precached[],
  request: Request,
): Promise<Response | undefined> {
  const cache = await caches.open(await nameOf(scope, files));
  const url = new URL(request.url);
  // What stands behind a "?" is for the page, not for finding it.
  url.search = "";
  if (url.pathname === scope.pathname) url.pathname += "index.html";
  return cache.match(url);
}

const startOf = (scope: URL): string => `cas ${scope.pathname} `;

let named: Promise<string> | undefined;

function nameOf(scope: URL, files: readonly Precached[]): Promise<string> {
  named ??= digest(JSON.stringify(files)).then((version) => startOf(scope) + version);
  return named;
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes).slice(0, 8), (b) => b.toString(16).padStart(2, "0")).join(
    "",
  );
}
