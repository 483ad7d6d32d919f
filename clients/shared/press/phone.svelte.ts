/** A phone that presses: signed in or not, a press on its way, and the alarm being followed. */

import { Problem } from "../api";
import { appName, liveUrl, newId, wakeOnReturn } from "../browser";
import { keeper } from "../keeper";
import { t } from "../language";
import { Live, type Phase, type Socket, STALE_AFTER_MS } from "../live";
import type { ClientMessage, ServerMessage } from "../live.gen";
import { apply, nothing, type Picture } from "../picture";
import { explain } from "../text";
import type { OwnAlarmView, PressReceipt } from "../wire";
import { Acts } from "./acts";
import { leave, takeBack } from "./background";
import { Power } from "./battery";
import { isDue, type KeptContacts } from "./contacts";
import { Drawer } from "./drawer";
import { canKeepPins, type Pins, tell } from "./pin";
import { type Sight, Whereabouts } from "./place";
import { type KeptKey, PressKey } from "./press_key";
import { Sender } from "./sender";
import { type Credentials, type Position, type Press, Wallet, type Wish } from "./wallet";

const FOLLOW_EVERY_MS = 3_000;
const BEAT_MS = 1_000;
const SLIDE_MS = 10_000;

export class Phone {
  readonly wallet = new Wallet(keeper, appName());
  readonly #key = new PressKey(new Drawer<KeptKey>("press_key"));
  readonly acts = new Acts(this.wallet, this.#key);
  readonly whereabouts = new Whereabouts();
  readonly #power = new Power();
  /** Stands at a known place: it neither asks the browser where it is nor tells the desk. */
  readonly #placed: boolean;
  /** For what an app does beside pressing. */
  onMessage: ((message: ServerMessage) => void) | null = null;

  signedIn = $state(this.wallet.credentials !== null);
  consentWanted = $state(this.wallet.credentials?.consentWanted === true);
  contacts = $state.raw<KeptContacts | null>(this.wallet.contacts);
  online = $state(navigator.onLine);
  sight = $state<Sight>("seeking");
  /** The screen of a silent press is dark until somebody taps it. */
  quiet = $state(this.wallet.quiet);
  dark = $state(this.wallet.quiet);
  hasPins = $state(this.wallet.pins !== null);
  /** Asked once in the first run; later the person finds it beside the button. */
  pinWanted = $state(false);
  receivedHereAtMs = $state<number | null>(null);
  sending = $state.raw<Press | null>(this.wallet.press);
  tries = $state(0);
  receipt = $state.raw<PressReceipt | null>(null);
  followedId = $state<string | null>(this.wallet.followed);
  picture = $state.raw<Picture>(nothing);
  phase = $state<Phase>("closed");
  heardAt = $state<number | null>(null);
  nowMs = $state(Date.now());
  busy = $state(false);
  fault = $state<string | null>(null);

  readonly alarm = $derived<OwnAlarmView | null>(
    this.followedId === null ? null : (this.picture.ownAlarms.get(this.followedId) ?? null),
  );
  readonly stale = $derived(
    this.phase !== "live" || this.heardAt === null || this.nowMs - this.heardAt > STALE_AFTER_MS,
  );
  readonly unconfirmed = $derived(
    this.signedIn && this.phase !== "live" && this.wallet.credentials?.unconfirmed === true,
  );
  /** Whole seconds in which a slide still takes back a press that was a mistake. */
  readonly slideLeft = $derived(
    // A press that joined an older alarm would take that one back.
    this.receivedHereAtMs === null || this.hasPins || this.receipt?.joined === true
      ? 0
      : Math.max(0, Math.ceil((this.receivedHereAtMs + SLIDE_MS - this.nowMs) / 1_000)),
  );
  readonly over = $derived(
    this.alarm !== null && (this.alarm.closed_at !== null || isEnded(this.alarm)),
  );

  readonly #sender = new Sender(this.wallet, (press) => this.acts.press(press), {
    onReceipt: (receipt) => this.#heard(receipt),
    onFailure: (tries, fault) => this.#failed(tries, fault),
  });
  #live: Live | null = null;
  #unwake: () => void = () => undefined;
  #toldAtMs = 0;
  #toldFix: string | null = null;
  #asking = false;

  constructor({ placed = false }: { readonly placed?: boolean } = {}) {
    this.#placed = placed;
  }

  start(): () => void {
    const beat = setInterval(() => {
      this.nowMs = Date.now();
      void this.#follow();
    }, BEAT_MS);
    const wake = (): void => {
      this.#sender.wake();
      if (this.sight === "denied" || this.sight === "lost") this.whereabouts.again();
    };
    const net = (): void => {
      this.online = navigator.onLine;
    };
    window.addEventListener("online", net);
    window.addEventListener("offline", net);
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    this.#power.start();
    this.whereabouts.onSight = (sight) => {
      this.sight = sight;
    };
    this.whereabouts.onFix = (position) => {
      this.#complete(position);
      void this.#follow();
      void this.askContacts(position);
    };
    if (this.signedIn) this.#begin();
    return () => {
      clearInterval(beat);
      window.removeEventListener("online", net);
      window.removeEventListener("offline", net);
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      this.#end();
    };
  }

  enter(credentials: Credentials): void {
    this.wallet.credentials = credentials;
    this.consentWanted = credentials.consentWanted === true;
    this.pinWanted = !this.hasPins && canKeepPins();
    this.signedIn = true;
    void this.#key.forget().then(() => this.#begin());
  }

  /** This phone was waiting for a superior, and is no longer. */
  confirmed(): void {
    const { credentials } = this.wallet;
    if (credentials === null) return;
    this.#end();
    this.wallet.credentials = { ...credentials, unconfirmed: false };
    this.#begin();
  }

  leave(): void {
    this.#end();
    this.wallet.credentials = null;
    this.wallet.pins = null;
    this.hasPins = false;
    this.signedIn = false;
  }

  agreed(): void {
    const { credentials } = this.wallet;
    if (credentials !== null) this.wallet.credentials = { ...credentials, consentWanted: false };
    this.consentWanted = false;
  }

  askConsentLater(): void {
    this.consentWanted = false;
  }

  /** The ring closed. From here on nothing may lose this press. */
  press(wish: Wish = {}): void {
    const press = {
      ...wish,
      id: newId(Date.now()),
      pressedAt: new Date().toISOString(),
      // Not waited for: where the person is follows as soon as the phone knows.
      position: this.whereabouts.latest,
      batteryPercent: this.#power.percent,
    };
    this.#beQuiet(wish.silent === true);
    this.wallet.press = press;
    this.sending = press;
    this.receipt = null;
    this.tries = 0;
    this.#sender.press(press);
  }

  /** Not heard by anybody yet, and no longer wanted. */
  discard(): void {
    this.#sender.stop();
    void takeBack();
    this.#beQuiet(false);
    this.wallet.press = null;
    this.sending = null;
    this.fault = null;
  }

  keepPins(pins: Pins): void {
    this.wallet.pins = pins;
    this.hasPins = true;
  }

  /** False when the PIN is neither of the two; what it looks like is the same for both. */
  async cancelWithPin(entered: string): Promise<boolean> {
    const { pins } = this.wallet;
    const which = pins === null ? "wrong" : await tell(pins, entered);
    if (which === "wrong") return false;
    if (which === "forced") this.wallet.forced = this.followedId;
    await this.cancel(t.pin.reason, which === "forced");
    return true;
  }

  async cancel(reason: string, duress = false): Promise<void> {
    const id = this.followedId;
    if (id === null || this.busy) return;
    this.busy = true;
    this.fault = null;
    try {
      this.changed(await this.acts.cancel(id, reason, duress));
    } catch (fault) {
      this.fault = explain(fault, t.problem);
    } finally {
      this.busy = false;
    }
  }

  changed(alarm: OwnAlarmView): void {
    this.picture = apply(this.picture, { type: "own_alarm.changed", alarm });
  }

  /** Back to the button, once the alarm is over. */
  dismiss(): void {
    this.#beQuiet(false);
    this.wallet.followed = null;
    this.followedId = null;
    this.receipt = null;
    this.fault = null;
  }

  /** False when there is no live connection to send on. */
  send(message: ClientMessage): boolean {
    return this.#live?.send(message) ?? false;
  }

  get batteryPercent(): number | null {
    return this.#power.percent;
  }

  #beQuiet(quiet: boolean): void {
    this.quiet = quiet;
    this.dark = quiet;
    this.wallet.quiet = quiet;
  }

  #begin(): void {
    const { credentials } = this.wallet;
    if (credentials === null) return;
    if (!this.#placed) this.whereabouts.start();
    const device = this.wallet.device(() => newId(Date.now()));
    void this.#key.ready((publicKey) => this.acts.registerKey(publicKey, device));
    this.#live = new Live({
      url: liveUrl(),
      token: () => credentials.token,
      open: (url) => new WebSocket(url) as Socket,
      now: Date.now,
      random: Math.random,
      onMessage: (message) => this.#hear(message),
      onPhase: (phase) => {
        this.phase = phase;
      },
    });
    this.#live.start();
    this.#unwake = wakeOnReturn(this.#live);
    this.#sender.wake();
  }

  #end(): void {
    this.#unwake();
    this.#live?.stop();
    this.#live = null;
    this.#sender.stop();
    this.whereabouts.stop();
  }

  #hear(message: ServerMessage): void {
    this.heardAt = this.nowMs = Date.now();
    this.picture = apply(this.picture, message);
    // Pressed on another phone of the same account, or before this page forgot: follow it here too.
    if (this.followedId === null) this.#adopt();
    this.onMessage?.(message);
  }

  #adopt(): void {
    const open = [...this.picture.ownAlarms.values()].find(
      (alarm) => alarm.closed_at === null && !isEnded(alarm),
    );
    if (open === undefined) return;
    this.followedId = open.id;
    this.wallet.followed = open.id;
  }

  #heard(receipt: PressReceipt): void {
    void takeBack();
    this.receipt = receipt;
    this.receivedHereAtMs = this.nowMs = Date.now();
    this.followedId = receipt.alarm_id;
    this.sending = null;
    this.tries = 0;
    this.fault = null;
    void this.#follow();
  }

  #failed(tries: number, fault: unknown): void {
    this.tries = tries;
    if (tries === 1 && this.sending !== null) void leave(this.sending, this.wallet.credentials);
    // The press stays kept, and goes as soon as the person has signed in again.
    if (fault instanceof Problem && fault.status === 401) this.leave();
    // That nobody answers is said already, with what to do: it is tried again without a hand.
    const silent = !(fault instanceof Problem) || fault.code === "unreachable";
    this.fault = silent ? null : explain(fault, t.problem);
  }

  /** Whom to telephone here, while there is a network to ask; kept for when there is none. */
  async askContacts(at: Position): Promise<void> {
    if (this.#asking || !isDue(this.contacts, at, Date.now())) return;
    this.#asking = true;
    try {
      const found = await this.acts.contacts(at.lat, at.lon);
      this.contacts = { ...found, lat: at.lat, lon: at.lon, askedAtMs: Date.now() };
      this.wallet.contacts = this.contacts;
    } catch {
      // Asked again with a later fix; what is kept still holds somewhere near.
    } finally {
      this.#asking = false;
    }
  }

  /** A press that is still on its way learns where it was pressed. */
  #complete(position: Position): void {
    if (this.sending === null || this.sending.position !== null) return;
    this.sending = { ...this.sending, position };
    this.wallet.press = this.sending;
    if (this.tries > 0) void leave(this.sending, this.wallet.credentials);
  }

  /** While the alarm is open, the desk sees where the person goes: the newest, and no other twice. */
  async #follow(): Promise<void> {
    const id = this.wallet.forced ?? (this.over ? null : this.followedId);
    const position = this.whereabouts.latest;
    if (id === null || position === null) return;
    const fix = `${id} ${position.fixedAtMs}`;
    if (fix === this.#toldFix || Date.now() - this.#toldAtMs < FOLLOW_EVERY_MS) return;
    this.#toldAtMs = Date.now();
    try {
      const followed = await this.acts.follow(id, position);
      this.#toldFix = fix;
      if (!followed && id === this.wallet.forced) this.wallet.forced = null;
    } catch {
      // Told again in a moment, or followed by a newer one.
    }
  }
}

function isEnded(alarm: OwnAlarmView): boolean {
  return alarm.status === "cancelled" || alarm.status === "resolved";
}
