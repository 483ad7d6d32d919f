/** The signs of open alarms that are buttons of the page, over the map. */

import { type Map as MapLibre, Marker } from "maplibre-gl";
import { drawMarker, type MarkerTexts, markerElement } from "./alarm_marker";
import type { Crowd } from "./crowd";
import type { AlarmView, Place } from "./live.gen";
import { lonLat } from "./map_features";

interface Sign {
  readonly marker: Marker;
  readonly button: HTMLButtonElement;
  alarm: AlarmView | null;
  chosen: boolean;
}

export class AlarmSigns {
  readonly #map: MapLibre;
  readonly #texts: MarkerTexts;
  readonly #onPick: (id: string) => void;
  readonly #signs = new Map<string, Sign>();

  constructor(map: MapLibre, texts: MarkerTexts, onPick: (id: string) => void) {
    this.#map = map;
    this.#texts = texts;
    this.#onPick = onPick;
  }

  /** What is not among the buttons any more is taken away. */
  show({ buttons, drawn }: Crowd, chosenId: string | null): void {
    const ids = new Set(buttons.map((alarm) => alarm.id));
    for (const [id, { marker }] of this.#signs) {
      if (ids.has(id)) continue;
      marker.remove();
      this.#signs.delete(id);
    }
    for (const alarm of buttons) {
      const { place } = alarm.where;
      if (place !== null) this.#draw(alarm, place, alarm.id === chosenId);
    }
    this.#map.getContainer().classList.toggle("crowded", drawn.length > 0);
  }

  #draw(alarm: AlarmView, place: Place, chosen: boolean): void {
    const sign = this.#signs.get(alarm.id) ?? this.#newSign(alarm.id, place);
    if (sign.alarm === alarm && sign.chosen === chosen) return;
    sign.marker.setLngLat(lonLat(place));
    drawMarker(sign.button, alarm, chosen, this.#texts);
    sign.alarm = alarm;
    sign.chosen = chosen;
  }

  #newSign(id: string, place: Place): Sign {
    const button = markerElement(() => this.#onPick(id));
    const marker = new Marker({ element: button }).setLngLat(lonLat(place)).addTo(this.#map);
    const sign: Sign = { marker, button, alarm: null, chosen: false };
    this.#signs.set(id, sign);
    return sign;
  }
}
