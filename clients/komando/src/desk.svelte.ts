/** The desk's state: the picture, the connection, what is chosen, and what is being asked. */

import { liveUrl, onTouch, wakeOnReturn } from "@cas/shared/browser";
import { t } from "@cas/shared/language";
import { Live, type Phase, type Socket, STALE_AFTER_MS } from "@cas/shared/live";
import type { ServerMessage } from "@cas/shared/live.gen";
import { apply, nothing, type Picture } from "@cas/shared/picture";
import { ServerClock } from "@cas/shared/server_clock";
import { Siren } from "@cas/shared/siren";
import { queue } from "@cas/shared/standing";
import { explain } from "@cas/shared/text";
import { follow, noTrails, type Trails } from "@cas/shared/trails";
import type { AlarmView, PersonilView, Place } from "@cas/shared/wire";
import { Announcer } from "./announcer.svelte";
import { heldToken } from "./credential";
import { LookingBack } from "./looking_back.svelte";
import { Notes } from "./notes.svelte";
import { OfficerLayer } from "./officer_layer.svelte";
import { Waiting } from "./waiting.svelte";

const BEAT_MS = 500;

export type Panel = "queue" | "officers";
export type Asking =
  | "close"
  | "merge"
  | "hand"
  | "keys"
  | "account"
  | "devices"
  | "settings"
  | "figures"
  | "past"
  | "notes"
  | null;

export class Desk {
  picture = $state.raw<Picture>(nothing);
  phase = $state<Phase>("connecting");
  localNowMs = $state(Date.now());
  heardAt = $state<number | null>(null);
  soundAllowed = $state(false);

  /** Where this desk may act, as a path; null: it only looks. Nothing is known at first: all of it. */
  ground = $state<string | null>("");
  chosenId = $state<string | null>(null);
  panel = $state<Panel>("queue");
  asking = $state<Asking>(null);
  assigning = $state(false);
  /** The alarm that was proposed as a duplicate of the chosen one. */
  twinId = $state<string | null>(null);
  officerId = $state<string | null>(null);
  callerOpen = $state(false);
  callerPlace = $state.raw<Place | null>(null);
  /** Found by its name, so that the map goes there. */
  callerSought = $state.raw<Place | null>(null);
  busy = $state(false);
  fault = $state<string | null>(null);

  // By itself, so that a move of an officer does not sort the queue anew.
  readonly #open = $derived(this.picture.alarms);
  readonly alarms = $derived(queue(this.#open.values()));
  readonly ringing = $derived(
    this.alarms.filter((alarm) => alarm.ringing && this.mayAct(alarm)).length,
  );
  readonly chosen = $derived<AlarmView | null>(
    this.chosenId === null ? null : (this.picture.alarms.get(this.chosenId) ?? null),
  );
  readonly silentMs = $derived(this.heardAt === null ? null : this.localNowMs - this.heardAt);
  readonly stale = $derived(
    this.phase !== "live" || this.silentMs === null || this.silentMs > STALE_AFTER_MS,
  );
  /** There was a picture, and it is not fresh any more: what a page shows at its opening is no loss. */
  readonly old = $derived(this.stale && (this.heardAt !== null || this.phase === "waiting"));

  readonly layer = new OfficerLayer();
  readonly past = new LookingBack();
  trails = $state.raw<Trails>(noTrails);
  /** Steps of five seconds: what ages slowly is not looked at with every beat. */
  readonly #slowNowMs = $derived(Math.floor(this.localNowMs / 5_000) * 5_000);
  readonly #secondMs = $derived.by(() => Math.floor(this.nowMs / 1_000) * 1_000);
  readonly officersShown = $derived.by(() => {
    const { personil } = this.picture;
    if (!this.layer.filtering) return personil;
    const nowMs = this.#clock.now(this.#slowNowMs);
    return new Map([...personil].filter(([, one]) => this.layer.passes(one, nowMs)));
  });

  /** Changes once a minute: a stamp for what is asked so often. */
  readonly minute = $derived(String(Math.floor(this.localNowMs / 60_000)));
  wallboard = $state(new URLSearchParams(location.search).has("wallboard"));

  /** A form is open in which somebody may be writing: the page asks before it lets go of it. */
  readonly writing = $derived(
    this.callerOpen || ["notes", "close", "hand"].includes(this.asking ?? ""),
  );

  readonly notes = new Notes();
  readonly waiting = new Waiting();
  readonly #clock = new ServerClock();
  readonly #siren = new Siren();
  readonly announcer = new Announcer(this.#siren);
  readonly #live: Live;

  constructor(token: string) {
    this.#live = new Live({
      url: liveUrl(),
      // A step-up exchanges the token; the sign-in, and with it the socket, goes on.
      token: () => heldToken() ?? token,
      open: (url) => new WebSocket(url) as Socket,
      now: Date.now,
      random: Math.random,
      onMessage: (message) => this.#hear(message),
      onPhase: (phase) => {
        this.phase = phase;
      },
    });
  }

  /** The same in whole seconds: three hundred ages are not told anew with every beat. */
  get secondMs(): number {
    return this.#secondMs;
  }

  /** The server's time, in milliseconds: ages are true even where this machine's clock is not. */
  get nowMs(): number {
    return this.#clock.now(this.localNowMs);
  }

  /** A desk whose Personil were called across a border sees the alarm, but it is not its own. */
  mayAct(alarm: AlarmView): boolean {
    return this.ground !== null && alarm.satuan_path.startsWith(this.ground);
  }

  start(): () => void {
    this.#live.start();
    const unwake = wakeOnReturn(this.#live);
    const unwait = this.waiting.start();
    const unnote = this.notes.start();
    const beat = setInterval(() => this.#beat(), BEAT_MS);
    const untouch = onTouch(() => {
      if (!this.#siren.allowed) void this.allowSound();
    });
    return () => {
      untouch();
      clearInterval(beat);
      unwait();
      unnote();
      this.past.stop();
      unwake();
      this.#siren.ring(false);
      this.#live.stop();
    };
  }

  async allowSound(): Promise<void> {
    this.soundAllowed = await this.#siren.allow();
    this.#siren.ring(this.ringing > 0);
  }

  choose(id: string | null): void {
    this.chosenId = id;
    this.assigning = false;
    this.fault = null;
    if (this.panel === "officers" && id !== null) this.panel = "queue";
  }

  /** The next or previous in the queue; the first when none is chosen. */
  step(by: 1 | -1): void {
    const at = this.alarms.findIndex((alarm) => alarm.id === this.chosenId);
    const last = this.alarms.length - 1;
    const next = at < 0 ? 0 : Math.min(last, Math.max(0, at + by));
    this.choose(this.alarms[next]?.id ?? null);
  }

  beginAssigning(): void {
    if (this.#led === null) return;
    this.assigning = true;
    this.officerId = null;
    this.panel = "officers";
  }

  endAssigning(): void {
    this.assigning = false;
    this.officerId = null;
    this.panel = "queue";
  }

  pickOfficer(id: string): void {
    this.officerId = id;
    this.panel = "officers";
  }

  officer(id: string | null): PersonilView | null {
    return id === null ? null : (this.picture.personil.get(id) ?? null);
  }

  askClosing(): void {
    if (this.chosen !== null && this.mayAct(this.chosen)) this.asking = "close";
  }

  /** The chosen alarm, if officers are sent to it from here: neither another desk's nor merged. */
  get #led(): AlarmView | null {
    const { chosen } = this;
    return chosen !== null && chosen.merged_into === null && this.mayAct(chosen) ? chosen : null;
  }

  askHanding(): void {
    if (this.#led === null) return;
    this.fault = null;
    this.asking = "hand";
  }

  askMerging(twinId: string | null = null): void {
    if (this.#led === null) return;
    this.twinId = twinId;
    this.fault = null;
    this.asking = "merge";
  }

  openCaller(): void {
    if (this.ground === null) return;
    this.callerOpen = true;
    this.callerPlace = null;
    this.callerSought = null;
  }

  closeCaller(): void {
    this.callerOpen = false;
    this.callerPlace = null;
    this.callerSought = null;
  }

  /** The address says it, too, so that a screen on the wall comes back as one. */
  swapWallboard(): void {
    this.wallboard = !this.wallboard;
    const address = new URL(location.href);
    if (this.wallboard) address.searchParams.set("wallboard", "");
    else address.searchParams.delete("wallboard");
    history.replaceState(null, "", address);
    this.choose(null);
    this.closeCaller();
    this.past.end();
    this.layer.followedId = null;
  }

  /** Step back once: the innermost thing that is open. */
  back(): void {
    if (this.past.replay !== null) this.past.end();
    else if (this.callerOpen) this.closeCaller();
    else if (this.assigning) this.endAssigning();
    else if (this.panel === "officers") this.endAssigning();
    else if (this.chosenId !== null) this.choose(null);
    else if (this.wallboard) this.swapWallboard();
  }

  /** Ask the server; show its answer, or why it said no. True when it agreed. */
  async ask(request: () => Promise<AlarmView>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.fault = null;
    try {
      const alarm = await request();
      this.picture = apply(this.picture, { type: "alarm.changed", alarm });
      return true;
    } catch (fault) {
      this.fault = explain(fault, t.problem);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #hear(message: ServerMessage): void {
    const localMs = Date.now();
    this.#clock.hear(message, localMs);
    // A greeting says that somebody is there, not that the picture is fresh.
    if (message.type !== "welcome" && message.type !== "refused") this.heardAt = localMs;
    this.localNowMs = localMs;
    this.picture = apply(this.picture, message);
    this.trails = follow(this.trails, this.picture);
    this.#siren.ring(this.ringing > 0);
    const mine = this.alarms.filter((alarm) => alarm.ringing && this.mayAct(alarm));
    this.announcer.notice(mine, message.type === "desk.snapshot");
  }

  #beat(): void {
    const wasOld = this.old;
    this.localNowMs = Date.now();
    if (this.old && !wasOld) this.announcer.lost();
    this.soundAllowed = this.#siren.allowed;
    this.#siren.ring(this.ringing > 0);
  }
}
