/** How far a piece of the map is. Measured anew when the map has stopped, not while it is dragged:
 * every change of its width makes the browser lay out the page again. */

import type { IControl, Map as MapLibre } from "maplibre-gl";

const LONGEST_PX = 100;
/** At zoom 0 and the equator, where the world is 512 pixels wide. */
const METRES_PER_PIXEL = 78_271.517;

export interface Scale {
  readonly metres: number;
  readonly widthPx: number;
}

/** The longest round distance (1, 2 or 5 and zeros) that is no wider than 100 pixels. */
export function scaleAt(lat: number, zoom: number): Scale {
  const perPixel = (METRES_PER_PIXEL * Math.cos((lat * Math.PI) / 180)) / 2 ** zoom;
  const most = perPixel * LONGEST_PX;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2].find((step) => step * power <= most) ?? 1) * power;
  return { metres, widthPx: metres / perPixel };
}

export class MapScale implements IControl {
  readonly #shown = document.createElement("div");
  readonly #words: (metres: number) => string;
  #map: MapLibre | null = null;
  readonly #draw = (): void => {
    if (this.#map === null) return;
    const { metres, widthPx } = scaleAt(this.#map.getCenter().lat, this.#map.getZoom());
    this.#shown.style.width = `${Math.round(widthPx)}px`;
    this.#shown.textContent = this.#words(metres);
  };

  constructor(words: (metres: number) => string) {
    this.#words = words;
    this.#shown.className = "maplibregl-ctrl maplibregl-ctrl-scale";
  }

  onAdd(map: MapLibre): HTMLElement {
    this.#map = map;
    map.on("zoom", this.#draw);
    map.on("moveend", this.#draw);
    this.#draw();
    return this.#shown;
  }

  onRemove(): void {
    this.#map?.off("zoom", this.#draw);
    this.#map?.off("moveend", this.#draw);
    this.#map = null;
    this.#shown.remove();
  }
}
