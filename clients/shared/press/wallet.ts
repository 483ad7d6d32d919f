/** What this phone keeps: its own name, its credentials, and a press that has not been heard yet. */

import type { Keeper } from "../keeper";
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
  /** Pressed at this site of an Instansi. */
  readonly siteId?: string;
}

/** What a press is to be, beside where and when. */
export type Wish = Pick<Press, "silent" | "siteId">;

const CREDENTIALS = "credentials";
const PRESS = "press";
const FOLLOWED = "followed";
const DEVICE = "device";
const CONTACTS = "contacts";
const PINS = "pins";
const QUIET = "quiet";
// Named so that whoever looks through the phone learns nothing.
const FORCED = "last";

export class Wallet {
  readonly #keeper: Keeper;
  readonly #app: string;

  /** Several apps may be open in one browser, signed in as different people. */
  constructor(keeper: Keeper, app: string) {
    this.#keeper = keeper;
    this.#app = app;
  }

  device(make: () => string): string {
    const known = this.#get(DEVICE);
    if (known !== null) return known;
    const made = make();
    this.#put(DEVICE, made);
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
    return this.#get(QUIET) !== null;
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
    return this.#get(FOLLOWED);
  }

  set followed(id: string | null) {
    this.#put(FOLLOWED, id);
  }

  /** Cancelled under duress: it looks over, and those who come still see where the person is. */
  get forced(): string | null {
    return this.#get(FORCED);
  }

  set forced(id: string | null) {
    this.#put(FORCED, id);
  }

  #read<T>(key: string): T | null {
    const text = this.#get(key);
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

  #get(key: string): string | null {
    return this.#keeper.getItem(this.#named(key));
  }

  #put(key: string, text: string | null): void {
    if (text === null) this.#keeper.removeItem(this.#named(key));
    else this.#keeper.setItem(this.#named(key), text);
  }

  #named(key: string): string {
    return `cas.${this.#app}.${key}`;
  }
}
