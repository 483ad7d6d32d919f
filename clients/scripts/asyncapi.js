// Lets AsyncAPI's own parser judge schemas/asyncapi.json, references and all.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Parser } from "@asyncapi/parser";

const file = fileURLToPath(new URL("../../schemas/asyncapi.json", import.meta.url));
const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"), {
  source: file,
});
for (const { severity, path, message } of diagnostics) {
  // 0 is an error, 1 a warning; the rest is advice.
  if (severity <= 1) console.error(`${path.join(".")}: ${message}`);
}
if (document === undefined || diagnostics.some(({ severity }) => severity <= 1)) {
  process.exitCode = 1;
} else {
  console.info(`asyncapi.json: ${document.allMessages().all().length} messages, valid`);
}
