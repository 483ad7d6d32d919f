/** Dark or light, as this browser last chose; dark at first, for the desk at night. */

const KEY = "cas.theme";

export type Theme = "dark" | "light";

export function theme(): Theme {
  return localStorage.getItem(KEY) === "light" ? "light" : "dark";
}

export function startTheme(): void {
  document.documentElement.dataset.theme = theme();
}

export function otherTheme(): Theme {
  const next: Theme = theme() === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, next);
  startTheme();
  return next;
}
