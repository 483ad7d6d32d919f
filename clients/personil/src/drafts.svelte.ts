/** Reports being written: kept while a call fills the screen, gone when sent or signed out. */

import type { Disposition } from "@cas/shared/wire";

export class Draft {
  disposition = $state<Disposition | null>(null);
  note = $state("");
  photos = $state(0);
}

export class Drafts {
  readonly #of = new Map<string, Draft>();

  of(offerId: string): Draft {
    const found = this.#of.get(offerId) ?? new Draft();
    this.#of.set(offerId, found);
    return found;
  }

  forget(offerId: string): void {
    this.#of.delete(offerId);
  }

  clear(): void {
    this.#of.clear();
  }
}
