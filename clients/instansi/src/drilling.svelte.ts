/** A drill as it is held: begun by a press that goes to no officer, timed, and counted. */

import { newId } from "@cas/shared/browser";
import { t } from "@cas/shared/language";
import { explain } from "@cas/shared/text";
import type { Drill, OwnDrills } from "@cas/shared/wire";
import type { InstansiActs } from "./acts";

const LOOK_EVERY_MS = 3_000;

export class Drilling {
  readonly #acts: InstansiActs;
  readonly #siteId: string;
  now = $state.raw<Drill | null>(null);
  past = $state.raw<OwnDrills | null>(null);
  busy = $state(false);
  fault = $state<string | null>(null);

  constructor(acts: InstansiActs, siteId: string) {
    this.#acts = acts;
    this.#siteId = siteId;
  }

  start(): () => void {
    void this.#attempt(() => this.#count());
    const timer = setInterval(() => void this.#look().catch(() => undefined), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  begin(): Promise<void> {
    const id = newId(Date.now());
    return this.#attempt(async () => {
      this.now = await this.#acts.beginDrill(id, this.#siteId);
    });
  }

  end(): Promise<void> {
    return this.#attempt(async () => {
      if (this.now !== null) await this.#acts.endDrill(this.now.id);
      this.now = null;
      await this.#count();
    });
  }

  /** In a window that the Satuan has agreed to, officers are told, too. */
  withOfficers(nowMs: number): boolean {
    return (this.past?.windows ?? []).some(
      (one) =>
        one.agreed === true && Date.parse(one.from_at) <= nowMs && nowMs < Date.parse(one.until_at),
    );
  }

  /** True when it was asked. */
  async ask(id: string, fromAt: string, untilAt: string): Promise<boolean> {
    await this.#attempt(async () => {
      await this.#acts.askForOfficers(this.#siteId, id, fromAt, untilAt);
      await this.#count();
    });
    return this.fault === null;
  }

  async #look(): Promise<void> {
    const { now } = this;
    if (now === null) {
      // Somebody waits for the Satuan's answer.
      const waiting = this.past?.windows.some((one) => one.agreed === null) ?? false;
      if (waiting) this.past = await this.#acts.drills(this.#siteId);
      return;
    }
    if (now.answered_at !== null && !now.calls_agreed) return;
    const seen = await this.#acts.drill(now.id);
    if (this.now?.id === seen.id) this.now = seen;
  }

  /** A drill that this page does not know any more, because it was opened anew, goes on here. */
  async #count(): Promise<void> {
    this.past = await this.#acts.drills(this.#siteId);
    this.now ??= this.past.drills.find((one) => one.ended_at === null) ?? null;
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.fault = null;
    try {
      await act();
    } catch (problem) {
      this.fault = explain(problem, t.problem);
    } finally {
      this.busy = false;
    }
  }
}
