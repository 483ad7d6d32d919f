/** Reports being written: kept while a call fills the screen and over a reload, gone when sent. */

import { lenient } from "@cas/shared/keeper";
import type { Disposition } from "@cas/shared/wire";

const KEY = "cas.personil.drafts";
/** Of this tab alone: it goes with the tab, and a phone that drops a page brings it back. */
const keeper = lenient(() => sessionStorage);

interface Written {
  readonly disposition: Disposition | null;
  readonly note: string;
}

export class Draft {
  disposition = $state<Disposition | null>(null);
  note = $state("");
  photos = $state(0);
}

export class Drafts {
  readonly #of = new Map<string, Draft>();

  of(offerId: string): Draft {
    const found = this.#of.get(offerId) ?? recalled(offerId);
    this.#of.set(offerId, found);
    return found;
  }

  /** Something was written already: whoever opens the page again finds it open. */
  begun(offerId: string): boolean {
    const { disposition, note } = this.of(offerId);
    return disposition !== null || note !== "";
  }

  keep(): void {
    const written = [...this.#of].map(([id, { disposition, note }]) => [id, { disposition, note }]);
    keeper.setItem(KEY, JSON.stringify(Object.fromEntries(written)));
  }

  forget(offerId: string): void {
    this.#of.delete(offerId);
    this.keep();
  }

  clear(): void {
    this.#of.clear();
    keeper.removeItem(KEY);
  }
}

function recalled(offerId: string): Draft {
  const draft = new Draft();
  const all = JSON.parse(keeper.getItem(KEY) ?? "{}") as Record<string, Written>;
  draft.disposition = all[offerId]?.disposition ?? null;
  draft.note = all[offerId]?.note ?? "";
  return draft;
}
