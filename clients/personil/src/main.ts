import "@cas/shared/tokens.css";
import "@cas/shared/phone.css";
import { mountApp } from "@cas/shared/mount";
import App from "./App.svelte";

mountApp(App);
