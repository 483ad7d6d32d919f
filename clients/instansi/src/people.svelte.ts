/** The Instansi's people as its manager changes them, with the last removal to take back. */

import { t } from "@cas/shared/language";
import { explain } from "@cas/shared/text";
import type { Petugas } from "@cas/shared/wire";
import type { InstansiActs, NewPetugas } from "./acts";

export class Staff {
  readonly #acts: InstansiActs;
  all = $state.raw<readonly Petugas[] | null>(null);
  busy = $state(false);
  told = $state<string | null>(null);
  fault = $state<string | null>(null);

  constructor(acts: InstansiActs) {
    this.#acts = acts;
  }

  look(): Promise<boolean> {
    return this.#attempt(async () => null);
  }

  add(id: string, who: NewPetugas): Promise<boolean> {
    return this.#attempt(async () => {
      const added = await this.#acts.putPetugas(id, who);
      return t.instansi.people.added(added.name);
    });
  }

  remove(who: Petugas): Promise<boolean> {
    return this.#attempt(async () => {
      await this.#acts.removePetugas(who.id);
      return t.instansi.people.removed(who.name);
    });
  }

  restore(who: Petugas): Promise<boolean> {
    return this.#attempt(async () => {
      await this.#acts.restorePetugas(who.id);
      return t.instansi.people.restored(who.name);
    });
  }

  async #attempt(act: () => Promise<string | null>): Promise<boolean> {
    this.busy = true;
    this.fault = this.told = null;
    try {
      this.told = await act();
      this.all = await this.#acts.people();
      return true;
    } catch (problem) {
      this.fault = explain(problem, t.problem);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
