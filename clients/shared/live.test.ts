import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Live, type Phase, retryDelay, type Socket } from "./live";
import type { ServerMessage } from "./live.gen";

/** A socket that opens, speaks and closes when the test says so. */
class PlayedSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code: number): void {
    this.onclose?.({ code });
  }
}

const AT = "2025-11-22T03:00:00Z";
const welcome: ServerMessage = {
  type: "welcome",
  server_time: AT,
  account_id: "a",
  role: "operator",
  name: "Siti",
};
const snapshot: ServerMessage = { type: "desk.snapshot", at: AT, alarms: [], personil: [] };
const tick: ServerMessage = { type: "tick", server_time: AT };

let sockets: PlayedSocket[];
let phases: Phase[];
let heard: string[];
let live: Live;

const last = (): PlayedSocket => {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket was opened");
  return socket;
};

function becomeLive(): PlayedSocket {
  const socket = last();
  socket.onopen?.();
  socket.say(welcome);
  socket.say(snapshot);
  return socket;
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  phases = [];
  heard = [];
  live = new Live({
    url: "ws://desk/v1/live",
    token: () => "secret-token",
    open: () => {
      sockets.push(new PlayedSocket());
      return last();
    },
    now: Date.now,
    random: () => 0.5,
    onMessage: (message) => heard.push(message.type),
    onPhase: (phase) => phases.push(phase),
  });
  live.start();
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

test("the first frame is the credential, and watching begins after the welcome", () => {
  const socket = last();

  socket.onopen?.();
  expect(socket.sent).toEqual([{ type: "hello", token: "secret-token" }]);
  socket.say(welcome);

  expect(socket.sent[1]).toEqual({ type: "watch" });
  expect(live.phase).toBe("connecting");
});

test("a frame may hold several messages, one a line", () => {
  const socket = becomeLive();

  socket.onmessage?.({ data: [tick, tick].map((message) => JSON.stringify(message)).join("\n") });

  expect(heard).toEqual(["welcome", "desk.snapshot", "tick", "tick"]);
});

test("what stands behind a line that cannot be read is not heard from this connection", () => {
  const socket = becomeLive();

  socket.onmessage?.({ data: `{"type\n${JSON.stringify(tick)}` });

  expect(heard).toEqual(["welcome", "desk.snapshot"]);
  expect(live.phase).toBe("waiting");
});

test("it is live only once the snapshot is here", () => {
  becomeLive();

  expect(phases).toEqual(["connecting", "live"]);
  expect(heard).toEqual(["welcome", "desk.snapshot"]);
});

test("a lost connection is tried again after a delay that grows", () => {
  becomeLive().drop(1006);
  expect(live.phase).toBe("waiting");

  vi.advanceTimersByTime(retryDelay(0, 0.5) - 1);
  expect(sockets).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(sockets).toHaveLength(2);

  last().drop(1006);
  vi.advanceTimersByTime(retryDelay(0, 0.5));
  expect(sockets).toHaveLength(2);
  vi.advanceTimersByTime(retryDelay(1, 0.5) - retryDelay(0, 0.5));
  expect(sockets).toHaveLength(3);
});

test("every delay stays between half a second and fifteen", () => {
  for (let attempt = 0; attempt < 40; attempt++) {
    for (const chance of [0, 0.3, 0.999]) {
      expect(retryDelay(attempt, chance)).toBeGreaterThanOrEqual(500);
      expect(retryDelay(attempt, chance)).toBeLessThanOrEqual(15_000);
    }
  }
});

test("a page that is seen again does not wait out the delay", () => {
  becomeLive().drop(1006);

  live.wake();

  expect(sockets).toHaveLength(2);
});

test("waking a connection that is well leaves it alone", () => {
  becomeLive();

  live.wake();

  expect(sockets).toHaveLength(1);
});

test("a connection that falls silent is given up, though nobody closed it", () => {
  const socket = becomeLive();

  vi.advanceTimersByTime(4_000);
  socket.say(tick);
  vi.advanceTimersByTime(7_999);
  expect(live.phase).toBe("live");
  vi.advanceTimersByTime(1);

  expect(live.phase).toBe("waiting");
  expect(socket.closed).toBe(true);
});

test("a server that never answers the hello is given up", () => {
  last().onopen?.();

  vi.advanceTimersByTime(10_000);

  expect(live.phase).toBe("waiting");
});

test("a client that was too slow comes back at once, but only once without a snapshot", () => {
  becomeLive().drop(1013);
  expect(sockets).toHaveLength(2);

  last().drop(1013);

  expect(live.phase).toBe("waiting");
});

test("a bad credential ends it: nothing is tried again", () => {
  last().drop(4401);
  vi.advanceTimersByTime(60_000);

  expect(live.phase).toBe("signed_out");
  expect(sockets).toHaveLength(1);
});

test("a socket that was given up cannot speak any more", () => {
  const old = becomeLive();
  old.drop(1006);
  live.wake();
  heard = [];

  old.say(tick);

  expect(heard).toEqual([]);
});

test("a frame that is not JSON makes it connect anew", () => {
  becomeLive().onmessage?.({ data: "<html>" });

  expect(live.phase).toBe("waiting");
});

test("it sends only while live, and says so", () => {
  expect(live.send({ type: "watch" })).toBe(false);

  const socket = becomeLive();

  expect(live.send({ type: "receipt", offer_id: "o" })).toBe(true);
  expect(socket.sent.at(-1)).toEqual({ type: "receipt", offer_id: "o" });
});

test("once stopped it stays away", () => {
  becomeLive();

  live.stop();
  vi.advanceTimersByTime(60_000);

  expect(last().closed).toBe(true);
  expect(sockets).toHaveLength(1);
});
