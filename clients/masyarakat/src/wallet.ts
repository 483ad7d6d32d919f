/** What this phone keeps: its own name, its credentials, and a press that has not been heard yet. */

import type { KeptContacts } from "./contacts";
import type { Pins } from "./pin";

export interface Credentials {
  readonly token: string;
  /** Can do one thing only, press, and outlives the session. */
  readonly pressToken: string;
  /** Where the desk may call back if it can no longer tell whose press this is. */
  readonly phone?: string;
  /** A Personil's new phone: until a superior has confirmed it, it can only press. */
  readonly unconfirmed?: boolean;
  /** Not asked yet, or put off: asked again when the page is opened the next time. */
  readonly consentWanted?: boolean;
}

export interface Position {
  readonly lat: number;
  readonly lon: number;
  readonly accuracy_m: number;
  readonly fixedAtMs: number;
}

/** A press on its way: kept until the server answered 2xx, whatever happens to the page. */
export interface Press {
  readonly id: string;
  readonly pressedAt: string;
  readonly position: Position | null;
  /** When it was pressed; browsers that tell nothing of their battery leave it out. */
  readonly batteryPercent?: number | null;
  readonly silent?: boolean;
}

export type Keeper = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const CREDENTIALS = "cas.credentials";
const PRESS = "cas.press";
const FOLLOWED = "cas.followed";
const DEVICE = "cas.device";
const CONTACTS = "cas.contacts";
const PINS = "cas.pins";
const QUIET = "cas.quiet";
// Named so that whoever looks through the phone learns nothing.
const FORCED = "cas.last";

export class Wallet {
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  device(make: () => string): string {
    const known = this.#keeper.getItem(DEVICE);
    if (known !== null) return known;
    const made = make();
    this.#keeper.setItem(DEVICE, made);
    return made;
  }

  get credentials(): Credentials | null {
    return this.#read<Credentials>(CREDENTIALS);
  }

  set credentials(value: Credentials | null) {
    this.#write(CREDENTIALS, value);
  }

  get press(): Press | null {
    return this.#read<Press>(PRESS);
  }

  set press(value: Press | null) {
    this.#write(PRESS, value);
  }

  /** The press on its way, or the alarm that is followed, is a silent one. */
  get quiet(): boolean {
    return this.#keeper.getItem(QUIET) !== null;
  }

  set quiet(value: boolean) {
    this.#put(QUIET, value ? "1" : null);
  }

  get pins(): Pins | null {
    return this.#read<Pins>(PINS);
  }

  set pins(value: Pins | null) {
    this.#write(PINS, value);
  }

  /** Police numbers for where the person last was. */
  get contacts(): KeptContacts | null {
    return this.#read<KeptContacts>(CONTACTS);
  }

  set contacts(value: KeptContacts | null) {
    this.#write(CONTACTS, value);
  }

  /** The alarm this phone is following, so that a page opened again shows it at once. */
  get followed(): string | null {
    return this.#keeper.getItem(FOLLOWED);
  }

  set followed(id: string | null) {
    this.#put(FOLLOWED, id);
  }

  /** Cancelled under duress: it looks over, and those who come still see where the person is. */
  get forced(): string | null {
    return this.#keeper.getItem(FORCED);
  }

  set forced(id: string | null) {
    this.#put(FORCED, id);
  }

  #read<T>(key: string): T | null {
    const text = this.#keeper.getItem(key);
    if (text === null) return null;
    try {
      return JSON.parse(text) as T;
    } catch {
      // Half-written by a phone that died: as good as not there.
      return null;
    }
  }

  #write(key: string, value: unknown): void {
    this.#put(key, value === null ? null : JSON.stringify(value));
  }

  #put(key: string, text: string | null): void {
    if (text === null) this.#keeper.removeItem(key);
    else this.#keeper.setItem(key, text);
  }
}
