import "@fontsource/noto-sans/latin-400.css";
import "@fontsource/noto-sans/latin-600.css";
import "@fontsource/noto-sans/latin-700.css";
import "@cas/shared/tokens.css";
import "./komando.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { shade } from "./theme.svelte";

shade.show();
const target = document.getElementById("app");
if (target !== null) mount(App, { target });
