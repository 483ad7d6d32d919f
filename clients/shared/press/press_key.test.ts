import { beforeEach, expect, test } from "vitest";
import { type KeptKey, type KeyDrawer, PressKey } from "./press_key";

class Drawer implements KeyDrawer {
  kept: KeptKey | null = null;
  load = (): Promise<KeptKey | null> => Promise.resolve(this.kept);
  save = (key: KeptKey | null): Promise<void> => {
    this.kept = key;
    return Promise.resolve();
  };
}

const KEY_ID = "019cab9e-0001-7000-8000-000000000001";
const URL = "http://cas/v1/alarms/019cab9e-0002-7000-8000-000000000002";

let drawer: Drawer;
let registered: string[];

const register = (publicKey: string): Promise<string> => {
  registered.push(publicKey);
  return Promise.resolve(KEY_ID);
};
const request = (): Request => new Request(URL, { method: "PUT", body: '{"kind":"crime"}' });
const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

beforeEach(() => {
  drawer = new Drawer();
  registered = [];
});

test("a press is signed over method, path, body, nonce and time by the registered key", async () => {
  const key = new PressKey(drawer);
  await key.ready(register);

  const press = request();
  await key.sign(press);

  const told = press.headers.get("signature-input")?.replace("press=", "") ?? "";
  expect(told).toMatch(
    /^\("@method" "@path" "content-digest"\);created=\d+;nonce="[\w-]{24}";keyid="019cab9e-/,
  );
  const base = [
    '"@method": PUT',
    '"@path": /v1/alarms/019cab9e-0002-7000-8000-000000000002',
    `"content-digest": ${press.headers.get("content-digest")}`,
    `"@signature-params": ${told}`,
  ].join("\n");
  const signature = press.headers.get("signature")?.match(/^press=:(.+):$/)?.[1] ?? "";
  const publicKey = await crypto.subtle.importKey(
    "raw",
    bytes(registered[0] ?? ""),
    { name: "Ed25519" },
    true,
    ["verify"],
  );
  const said = new TextEncoder().encode(base);
  expect(await crypto.subtle.verify("Ed25519", publicKey, bytes(signature), said)).toBe(true);
  expect(await press.text()).toBe('{"kind":"crime"}');
});

test("the half that signs cannot be read out, and is found again after a restart", async () => {
  await new PressKey(drawer).ready(register);
  await new PressKey(drawer).ready(register);

  expect(registered).toHaveLength(1);
  expect(drawer.kept?.privateKey.extractable).toBe(false);
});

test("without a key, or with a drawer that fails, a press goes unsigned", async () => {
  const none = request();
  await new PressKey(drawer).sign(none);
  const failing = request();
  const broken = {
    load: () => Promise.reject(new Error("no room")),
    save: () => Promise.resolve(),
  };
  await new PressKey(broken).sign(failing);

  expect(none.headers.has("signature")).toBe(false);
  expect(failing.headers.has("signature")).toBe(false);
});

test("two starts at once register one key", async () => {
  const key = new PressKey(drawer);

  await Promise.all([key.ready(register), key.ready(register)]);

  expect(registered).toHaveLength(1);
});
