/** A recording on its way to an alarm: kept on the phone until the server has it or refuses it. */

import { Problem } from "../api";
import { newId } from "../browser";
import type { Acts } from "./acts";
import { Drawer } from "./drawer";

interface Left {
  readonly id: string;
  readonly alarmId: string;
  readonly sound: Blob;
}

export class KeptSound {
  readonly #acts: Acts;
  readonly #alarmId: string;
  readonly #drawer = new Drawer<Left>("sound");
  /** Under one id until it has arrived: sending it twice adds it once. */
  waiting = $state.raw<Left | null>(null);
  busy = $state(false);
  problem = $state.raw<unknown>(null);

  constructor(acts: Acts, alarmId: string) {
    this.#acts = acts;
    this.#alarmId = alarmId;
  }

  /** What an earlier visit of this page could not send; another alarm's is of no use any more. */
  async wake(): Promise<void> {
    const left = await this.#drawer.load().catch(() => null);
    if (left !== null && left.alarmId !== this.#alarmId) await this.#letGo();
    else this.waiting ??= left;
    await this.send();
  }

  async keep(sound: Blob): Promise<void> {
    this.waiting = { id: newId(Date.now()), alarmId: this.#alarmId, sound };
    // No room on the phone: it is still here as long as the page is.
    await this.#drawer.save(this.waiting).catch(() => undefined);
    await this.send();
  }

  async send(): Promise<void> {
    const { waiting } = this;
    if (waiting === null || this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      await this.#acts.addSound(waiting.alarmId, waiting.id, waiting.sound);
      await this.#letGo();
    } catch (problem) {
      this.problem = problem;
      if (!mayPass(problem)) await this.#letGo();
    } finally {
      this.busy = false;
    }
  }

  async #letGo(): Promise<void> {
    this.waiting = null;
    await this.#drawer.save(null).catch(() => undefined);
  }
}

/** The network and a busy server may be better at the next try; a broken file will not. */
export function mayPass(problem: unknown): boolean {
  return (
    !(problem instanceof Problem) || [0, 401, 408].includes(problem.status) || problem.status >= 500
  );
}
