/** The button that stands on the map for one open alarm. */

import "./alarm_marker.css";
import type { AlarmView } from "./live.gen";
import { KIND_PATH } from "./map_symbols";
import { urgency } from "./standing";

export interface MarkerTexts {
  readonly simulated: string;
  readonly name: (alarm: AlarmView) => string;
}

const SVG = "http://www.w3.org/2000/svg";

export function markerElement(onPick: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "alarm-marker";
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    onPick();
  });
  return button;
}

export function drawMarker(
  button: HTMLButtonElement,
  alarm: AlarmView,
  chosen: boolean,
  texts: MarkerTexts,
): void {
  button.dataset.urgency = urgency(alarm);
  button.dataset.chosen = String(chosen);
  button.setAttribute("aria-label", texts.name(alarm));
  button.title = texts.name(alarm);
  const sign = document.createElement("span");
  sign.className = "sign";
  sign.append(drawing(KIND_PATH[alarm.kind]));
  const number = document.createElement("span");
  number.className = "tag";
  number.textContent = alarm.demo ? `${alarm.number} ${texts.simulated}` : String(alarm.number);
  button.replaceChildren(sign, number);
}

function drawing(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
