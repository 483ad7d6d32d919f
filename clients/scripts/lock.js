// Completes package-lock.json. A registry that does not carry every platform's optional packages
// makes npm leave them out, and then `npm ci` refuses the lock npm itself wrote. Their versions
// stand in their parents; what they run on stands in their names.
import { readFile, writeFile } from "node:fs/promises";

const PLATFORM =
  /(?<os>android|darwin|freebsd|linux|openbsd|openharmony|win32)-(?<cpu>arm64|arm|ia32|loong64|ppc64|riscv64|s390x|x64)(?:-(?<abi>\w+))?$/;
const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(file, "utf8"));

function entry(name, version, parent) {
  const platform = PLATFORM.exec(name)?.groups;
  if (platform === undefined) throw new Error(`cannot tell what ${name} runs on`);
  const { os, cpu, abi } = platform;
  return {
    version,
    cpu: [cpu],
    ...(parent.dev && { dev: true }),
    ...(abi?.startsWith("musl") && { libc: ["musl"] }),
    optional: true,
    os: [os],
  };
}

const added = {};
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place]?.version === undefined) added[place] = entry(name, version, parent);
  }
}
const packages = Object.entries({ ...lock.packages, ...added });
packages.sort(([a], [b]) => (a < b ? -1 : 1));
await writeFile(
  file,
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`,
);
console.log(`${Object.keys(added).length} packages of other platforms added`);
