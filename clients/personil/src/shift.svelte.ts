/** An officer's shift: duty, the calls that wait, the tasks, and what ended without their doing. */

import { onTouch } from "@cas/shared/browser";
import { t } from "@cas/shared/language";
import type { ServerMessage } from "@cas/shared/live.gen";
import { apply } from "@cas/shared/picture";
import type { Phone } from "@cas/shared/press/phone.svelte.ts";
import type { Sight } from "@cas/shared/press/place";
import { ServerClock } from "@cas/shared/server_clock";
import { explain } from "@cas/shared/text";
import type { Disposition, DutyView, OfferView } from "@cas/shared/wire";
import { Orders } from "./acts";
import { Awake, Bell } from "./alerting";
import { type Ending, endings, reported, tasks, waiting } from "./calls";
import { Drafts } from "./drafts.svelte";
import { Drills } from "./drills.svelte";
import { staleMs } from "./fixes";
import { Tracker } from "./tracker.svelte";

export class Shift {
  readonly #phone: Phone;
  readonly orders: Orders;
  readonly drills: Drills;
  readonly tracker: Tracker;
  readonly #clock = new ServerClock();
  readonly #bell = new Bell();
  readonly #awake = new Awake((held) => {
    this.awake = held;
  });
  readonly #received = new Set<string>();
  /** What this phone ended itself is no news. */
  readonly #own = new Set<string>();
  #before: ReadonlyMap<string, OfferView> = new Map();

  /** Signed in with a number that is no Personil's. */
  stranger = $state(false);
  awake = $state(false);
  sound = $state(false);
  busy = $state(false);
  fault = $state<string | null>(null);
  ended = $state.raw<readonly Ending[]>([]);
  readonly duty: DutyView | null = $derived.by(() => this.#phone.picture.duty);
  readonly nowMs: number = $derived.by(() => this.#clock.now(this.#phone.nowMs));
  readonly waiting: OfferView[] = $derived.by(() =>
    waiting(this.#phone.picture.offers, this.nowMs),
  );
  readonly drafts = new Drafts();
  /** How old this phone's position is, once it is too old; it is shown to the desk as stale. */
  readonly staleMs: number | null = $derived.by(() =>
    staleMs(this.tracker.latest, this.#phone.nowMs),
  );
  readonly sight: Sight = $derived.by(() => this.#phone.sight);
  readonly reported: OfferView[] = $derived.by(() => reported(this.#phone.picture.offers));
  readonly tasks: OfferView[] = $derived.by(() => tasks(this.#phone.picture.offers));

  constructor(phone: Phone) {
    this.#phone = phone;
    this.orders = new Orders(phone.wallet);
    this.drills = new Drills(this.orders);
    this.tracker = new Tracker({
      now: (fix) => phone.send(fix),
      later: (fixes) => this.orders.sendFixes(fixes),
      batteryPercent: () => phone.batteryPercent,
      whereabouts: phone.whereabouts,
    });
  }

  start(): () => void {
    this.#phone.onMessage = (message) => this.#hear(message);
    const awake = this.#awake.start();
    const seen = (): void => this.#receive();
    document.addEventListener("visibilitychange", seen);
    const untouch = onTouch(() => {
      if (this.duty?.on_duty && !this.#bell.allowed) void this.allowSound();
    });
    return () => {
      this.#phone.onMessage = null;
      document.removeEventListener("visibilitychange", seen);
      untouch();
      awake();
      this.#bell.ring(false);
    };
  }

  /** Signed out, or never signed in: nothing of the last shift stays. */
  leave(): void {
    this.tracker.stop();
    this.#awake.want(false);
    this.#bell.ring(false);
    this.ended = [];
    this.drafts.clear();
    this.drills.changed([]);
  }

  ring(on: boolean): void {
    this.#bell.ring(on);
    if (on) this.#receive();
  }

  async allowSound(): Promise<void> {
    this.sound = await this.#bell.allow();
  }

  async begin(availability: "available" | "break" = "available"): Promise<void> {
    void this.allowSound();
    await this.attempt(async () => this.#duty(await this.orders.beginDuty(availability)));
  }

  async end(): Promise<void> {
    await this.attempt(async () => this.#duty(await this.orders.endDuty()));
  }

  accept(offer: OfferView): Promise<boolean> {
    return this.attempt(async () => this.changed(await this.orders.accept(offer.offer_id)));
  }

  decline(offer: OfferView, reason: string): Promise<boolean> {
    return this.#ending(offer, () => this.orders.decline(offer.offer_id, reason));
  }

  step(offer: OfferView, step: "en_route" | "on_scene"): Promise<boolean> {
    return this.attempt(async () => this.changed(await this.orders.step(offer.offer_id, step)));
  }

  release(offer: OfferView, reason: string): Promise<boolean> {
    return this.#ending(offer, () => this.orders.step(offer.offer_id, "released", reason));
  }

  askBackup(offer: OfferView): Promise<boolean> {
    return this.attempt(async () => this.changed(await this.orders.askBackup(offer.offer_id)));
  }

  report(offer: OfferView, disposition: Disposition, note: string): Promise<boolean> {
    return this.attempt(async () => {
      this.changed(await this.orders.report(offer.offer_id, disposition, note));
      this.drafts.forget(offer.offer_id);
    });
  }

  receiveDrill(drillId: string): Promise<boolean> {
    return this.attempt(async () => {
      this.drills.changed(await this.orders.receiveDrill(drillId));
    });
  }

  understood(ending: Ending): void {
    this.ended = this.ended.filter((one) => one !== ending);
  }

  changed(offer: OfferView): void {
    this.#phone.picture = apply(this.#phone.picture, { type: "offer.changed", offer });
    this.#compare();
  }

  /** One thing at a time; what went wrong stands under it. False when it did. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.fault = null;
    try {
      await act();
      return true;
    } catch (problem) {
      this.fault = explain(problem, t.problem);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #ending(offer: OfferView, act: () => Promise<OfferView>): Promise<boolean> {
    return this.attempt(async () => {
      this.#own.add(offer.offer_id);
      try {
        this.changed(await act());
      } catch (problem) {
        this.#own.delete(offer.offer_id);
        throw problem;
      }
    });
  }

  #hear(message: ServerMessage): void {
    this.#clock.hear(message, Date.now());
    this.drills.hear(message);
    if (message.type === "welcome") this.stranger = message.role !== "personil";
    this.tracker.heard();
    this.#follow();
    this.#compare();
    if (message.type === "personil.snapshot" && this.duty?.on_duty) void this.tracker.flush();
    this.#receive();
  }

  #duty(duty: DutyView): void {
    this.#phone.picture = apply(this.#phone.picture, { type: "duty.changed", duty });
    this.#follow();
  }

  #follow(): void {
    const { duty } = this;
    if (duty === null) return;
    this.#awake.want(duty.on_duty);
    if (duty.on_duty) this.tracker.start();
    else this.tracker.stop();
  }

  #compare(): void {
    const { offers } = this.#phone.picture;
    if (offers === this.#before) return;
    const over = endings(this.#before, offers, this.#own);
    this.#before = offers;
    if (over.length > 0) this.ended = [...this.ended, ...over];
  }

  /** Said only of what is really on a screen somebody can see. */
  #receive(): void {
    if (document.visibilityState !== "visible") return;
    for (const { offer_id: id } of this.waiting) {
      if (this.#received.has(id)) continue;
      this.#received.add(id);
      if (this.#phone.send({ type: "receipt", offer_id: id })) continue;
      void this.orders.receive(id).catch(() => this.#received.delete(id));
    }
  }
}
