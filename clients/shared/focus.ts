/** For `use:`: what has just appeared and is to be read or filled in next takes the focus. */
export function focus(element: HTMLElement): void {
  element.focus();
}
