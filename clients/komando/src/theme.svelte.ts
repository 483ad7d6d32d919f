/** Dark or light, as this browser last chose; dark at first, for the desk at night. */

const KEY = "cas.theme";

type Theme = "dark" | "light";

class Shade {
  now = $state<Theme>(localStorage.getItem(KEY) === "light" ? "light" : "dark");

  show(): void {
    document.documentElement.dataset.theme = this.now;
  }

  swap(): void {
    this.now = this.now === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, this.now);
    this.show();
  }
}

export const shade = new Shade();
