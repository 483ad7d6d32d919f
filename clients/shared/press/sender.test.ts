import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../api";
import type { PressReceipt } from "../wire";
import { Sender } from "./sender";
import { type Press, Wallet } from "./wallet";

class Drawer {
  readonly #kept = new Map<string, string>();
  getItem = (key: string): string | null => this.#kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.#kept.set(key, value);
  removeItem = (key: string): void => void this.#kept.delete(key);
}

const press: Press = { id: "p1", pressedAt: "2025-11-22T03:00:00Z", position: null };
const receipt = { alarm_id: "p1", joined: false } as PressReceipt;

let asked: string[];
let answer: () => Promise<PressReceipt>;
let failures: number[];
let received: PressReceipt[];
let drawer: Drawer;

function sender(): Sender {
  const put = (sent: Press): Promise<PressReceipt> => {
    asked.push(sent.id);
    return answer();
  };
  return new Sender(new Wallet(drawer, "masyarakat"), put, {
    onReceipt: (told) => received.push(told),
    onFailure: (tries) => failures.push(tries),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  failures = [];
  received = [];
  drawer = new Drawer();
  answer = () => Promise.resolve(receipt);
});
afterEach(() => {
  vi.useRealTimers();
});

test("a press is sent at once and forgotten when the server has it", async () => {
  sender().press(press);
  await vi.runAllTimersAsync();

  expect(asked).toEqual(["p1"]);
  expect(received).toEqual([receipt]);
  expect(new Wallet(drawer, "masyarakat").press).toBeNull();
  expect(new Wallet(drawer, "masyarakat").followed).toBe("p1");
});

test("a try that hangs for ever does not keep the next one from going", async () => {
  answer = () => (asked.length < 2 ? new Promise(() => undefined) : Promise.resolve(receipt));

  sender().press(press);
  await vi.runAllTimersAsync();

  expect(asked).toEqual(["p1", "p1"]);
  expect(failures).toEqual([1]);
  expect(received).toEqual([receipt]);
});

test("the same id is sent again until the server answers", async () => {
  answer = () =>
    asked.length < 4 ? Promise.reject(new Problem("unreachable", 0)) : Promise.resolve(receipt);

  sender().press(press);
  await vi.runAllTimersAsync();

  expect(asked).toEqual(["p1", "p1", "p1", "p1"]);
  expect(failures).toEqual([1, 2, 3]);
  expect(received).toEqual([receipt]);
});

test("a page that was closed before the answer sends the press when it is opened again", async () => {
  answer = () => new Promise(() => undefined);
  sender().press(press);
  expect(new Wallet(drawer, "masyarakat").press).toEqual(press);

  answer = () => Promise.resolve(receipt);
  sender().wake();
  await vi.runAllTimersAsync();

  expect(asked).toEqual(["p1", "p1"]);
  expect(received).toEqual([receipt]);
});

test("the network's return is not waited out, and two wakes do not send twice at once", async () => {
  answer = () => Promise.reject(new Problem("unreachable", 0));
  const sending = sender();
  sending.press(press);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(1);

  answer = () => Promise.resolve(receipt);
  sending.wake();
  sending.wake();
  await vi.advanceTimersByTimeAsync(0);

  expect(asked).toHaveLength(2);
  expect(received).toHaveLength(1);
});

test("a press kept half-written counts as none", () => {
  drawer.setItem("cas.press", '{"id": "p');

  sender().wake();

  expect(asked).toEqual([]);
});
