import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ClientMessage, ServerMessage } from "./live.gen";
import { apply, nothing } from "./picture";

const FOLDER = new URL("../../schemas/examples/", import.meta.url);
const FROM_CLIENT: readonly string[] = ["hello", "watch", "fix", "receipt"] satisfies ReadonlyArray<
  ClientMessage["type"]
>;

const kinds = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

function example(kind: string): ServerMessage {
  return JSON.parse(readFileSync(new URL(`${kind}.json`, FOLDER), "utf8"));
}

test.each(kinds.filter((kind) => !FROM_CLIENT.includes(kind)))(
  "the picture knows what to do with %s",
  (kind) => {
    const message = example(kind);

    expect(message.type).toBe(kind);
    expect(() => apply(nothing, message)).not.toThrow();
  },
);

test("the examples of a desk make its picture", () => {
  const before = apply(nothing, example("desk.snapshot"));
  const after = ["alarm.changed", "personil.left"].map(example).reduce(apply, before);

  expect(before.alarms.size).toBe(2);
  expect(before.personil.size).toBe(2);
  // One of the two alarms was closed, one of the two officers went off duty.
  expect(after.alarms.size).toBe(1);
  expect(after.personil.size).toBe(1);
});
