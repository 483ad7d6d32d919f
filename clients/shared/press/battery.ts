/** How much is left in the phone, where the browser tells it: the desk knows how long it has. */

interface Battery {
  readonly level: number;
}

type Told = Navigator & { readonly getBattery?: () => Promise<Battery> };

/** A press waits for nothing, so this is asked when the page opens. */
export class Power {
  #battery: Battery | null = null;

  start(told: Told = navigator): void {
    // The object stays, and its level follows the battery.
    told.getBattery?.().then(
      (battery) => {
        this.#battery = battery;
      },
      () => undefined,
    );
  }

  get percent(): number | null {
    return this.#battery === null ? null : Math.round(this.#battery.level * 100);
  }
}
