/** An app on its page, light or dark as the phone is. */

import { type Component, mount } from "svelte";

export function mountApp(app: Component): void {
  const light = matchMedia("(prefers-color-scheme: light)");
  const follow = (): void => {
    document.documentElement.dataset.theme = light.matches ? "light" : "dark";
  };
  light.addEventListener("change", follow);
  follow();
  const target = document.getElementById("app");
  if (target !== null) mount(app, { target });
}
