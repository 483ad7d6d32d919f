/** What a new alarm does to the room beside the siren: it is spoken aloud, and the screen flashes. */

import { d } from "@cas/shared/desk_words";
import { keeper } from "@cas/shared/keeper";
import { t } from "@cas/shared/language";
import type { Siren } from "@cas/shared/siren";
import type { AlarmView } from "@cas/shared/wire";
import { sentence } from "./sentence";
import { followVoices, say } from "./voice";

const KEY = "cas.voice";

export class Announcer {
  /** Counts up with each flash, so that the next one begins anew. */
  flashes = $state(0);
  spoken = $state(keeper.getItem(KEY) !== "off");
  /** This computer has no voice for the language: whoever counts on hearing it must know. */
  mute = $state(false);
  #known: Set<string> | null = null;
  readonly #siren: Siren;

  constructor(siren: Siren) {
    this.#siren = siren;
    followVoices(t.locale, (speaks) => {
      this.mute = !speaks;
    });
  }

  /** The siren is not asked: nothing but acknowledging ends it. */
  swap(): void {
    this.spoken = !this.spoken;
    keeper.setItem(KEY, this.spoken ? "on" : "off");
  }

  /** Tell the ones not heard of before. What a page finds at its opening is not news. */
  notice(ringing: readonly AlarmView[], opening: boolean): void {
    const known = this.#known;
    if (known === null) {
      if (opening) this.#known = new Set(ringing.map((alarm) => alarm.id));
      return;
    }
    const fresh = ringing.filter((alarm) => !known.has(alarm.id));
    for (const alarm of fresh) known.add(alarm.id);
    const [first] = fresh;
    if (first === undefined) return;
    this.flashes += 1;
    if (this.spoken) {
      const text = fresh.length > 1 ? d.watch.newAlarms(fresh.length) : sentence(first);
      say(text, t.locale, (speaking) => this.#siren.soften(speaking));
    }
  }

  /** The picture has become old: heard also by whoever looks away. */
  lost(): void {
    if (this.spoken) this.#siren.chime();
  }
}
