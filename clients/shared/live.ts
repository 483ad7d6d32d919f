/** One socket to the server: hello, watch, coming back by itself, and knowing when it is silent. */

import type { ClientMessage, ServerMessage } from "./live.gen";

export type Phase = "connecting" | "live" | "waiting" | "signed_out" | "closed";

/** The picture is called old after this long without a frame; the server ticks every 2 s. */
export const STALE_AFTER_MS = 5_000;

const CONNECT_LIMIT_MS = 10_000;
const SILENCE_LIMIT_MS = 8_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const BAD_CREDENTIAL = 4401;
const TOO_SLOW = 1013;

/** As much of the browser's WebSocket as is used here. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveOptions {
  readonly url: string;
  /** Asked for at every connection: a step of the sign-in exchanges it. */
  readonly token: () => string;
  readonly open: (url: string) => Socket;
  readonly now: () => number;
  readonly random: () => number;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onPhase: (phase: Phase) => void;
}

/** Between half and all of a delay that doubles, so that a thousand clients do not return at once. */
export function retryDelay(attempt: number, chance: number): number {
  const whole = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt + 1));
  return Math.max(FIRST_DELAY_MS, whole * (0.5 + chance / 2));
}

export class Live {
  readonly #options: LiveOptions;
  #socket: Socket | null = null;
  #phase: Phase = "closed";
  #attempt = 0;
  // One at a time: the limit on connecting, the limit on silence, or the wait before trying again.
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt: number | null = null;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** When the last frame came, by the clock given; null before the first. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  start(): void {
    if (this.#phase === "closed") this.#connect();
  }

  stop(): void {
    this.#abandon();
    this.#enter("closed");
  }

  /** The page became visible or the network returned: do not wait out the delay. */
  wake(): void {
    const silent = this.#heardAt === null || this.#options.now() - this.#heardAt > STALE_AFTER_MS;
    if (this.#phase === "waiting" || (this.#phase === "live" && silent)) this.#connect();
  }

  /** False when there is no live connection to send on. */
  send(message: ClientMessage): boolean {
    if (this.#phase !== "live" || this.#socket === null) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    this.#abandon();
    this.#enter("connecting");
    const socket = this.#options.open(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => socket.send(encode({ type: "hello", token: this.#options.token() }));
    socket.onmessage = (event) => this.#hear(socket, String(event.data));
    socket.onclose = (event) => this.#closed(event.code);
    this.#after(CONNECT_LIMIT_MS, () => this.#retry());
  }

  /** A frame holds one message or more, each on a line of its own. */
  #hear(socket: Socket, frame: string): void {
    for (const line of frame.split("\n")) {
      // What a message before it led to may have ended this connection.
      if (this.#socket !== socket) return;
      this.#receive(socket, decode(line));
    }
  }

  #receive(socket: Socket, message: ServerMessage | null): void {
    if (message === null) {
      this.#retry();
      return;
    }
    this.#heardAt = this.#options.now();
    if (message.type === "welcome") socket.send(encode({ type: "watch" }));
    if (message.type.endsWith(".snapshot")) {
      this.#attempt = 0;
      this.#enter("live");
    }
    if (this.#phase === "live") this.#after(SILENCE_LIMIT_MS, () => this.#retry());
    this.#options.onMessage(message);
  }

  #closed(code: number): void {
    this.#abandon();
    if (code === BAD_CREDENTIAL) {
      this.#enter("signed_out");
    } else if (code === TOO_SLOW && this.#attempt === 0) {
      // The server dropped us so that we come back into a fresh snapshot.
      this.#attempt = 1;
      this.#connect();
    } else {
      this.#retry();
    }
  }

  #retry(): void {
    this.#abandon();
    this.#enter("waiting");
    this.#after(retryDelay(this.#attempt, this.#options.random()), () => this.#connect());
    this.#attempt += 1;
  }

  #abandon(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #after(delayMs: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, delayMs);
  }

  #enter(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#options.onPhase(phase);
  }
}

const encode = (message: ClientMessage): string => JSON.stringify(message);

function decode(line: string): ServerMessage | null {
  try {
    return JSON.parse(line) as ServerMessage;
  } catch {
    return null;
  }
}
