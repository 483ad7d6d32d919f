import "@cas/shared/tokens.css";
import "./masyarakat.css";
import { mount } from "svelte";
import App from "./App.svelte";

const light = matchMedia("(prefers-color-scheme: light)");
const follow = (): void => {
  document.documentElement.dataset.theme = light.matches ? "light" : "dark";
};
light.addEventListener("change", follow);
follow();

const target = document.getElementById("app");
if (target !== null) mount(App, { target });
