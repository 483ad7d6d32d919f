/** Dark or light, as this browser last chose; dark at first, for the desk at night. */

import { keeper } from "@cas/shared/keeper";

const KEY = "cas.theme";

type Theme = "dark" | "light";

class Shade {
  now = $state<Theme>(keeper.getItem(KEY) === "light" ? "light" : "dark");

  show(): void {
    document.documentElement.dataset.theme = this.now;
  }

  swap(): void {
    this.now = this.now === "dark" ? "light" : "dark";
    keeper.setItem(KEY, this.now);
    this.show();
  }
}

export const shade = new Shade();
