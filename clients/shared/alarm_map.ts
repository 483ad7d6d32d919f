/** The only hand on the map library: draws pictures, tells what was picked. */

import "maplibre-gl/dist/maplibre-gl.css";
import type { Feature, FeatureCollection } from "geojson";
import {
  type GeoJSONSource,
  Map as MapLibre,
  type MapMouseEvent,
  Marker,
  NavigationControl,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { MarkerTexts } from "./alarm_marker";
import { AlarmSigns } from "./alarm_signs";
import { alarmFeatures, crowd } from "./crowd";
import type { AlarmView, PersonilView, Place } from "./live.gen";
import {
  accuracyRing,
  type Bounds,
  boundsOf,
  labelPoints,
  lonLat,
  officerLabel,
  personilFeatures,
  responderLines,
} from "./map_features";
import { MapScale } from "./map_scale";
import { mapStyle } from "./map_style";
import {
  alarmSvg,
  dataUrl,
  isAlarmSign,
  type Palette,
  paletteAt,
  STANDINGS,
  standingSvg,
} from "./map_symbols";
import type { Picture } from "./picture";

setWorkerUrl(workerUrl);

/** Bojonegoro, until the Wilayah say where they are. */
const START: Bounds = [111.35, -7.65, 112.2, -6.95];
const LEAST_AROUND_M = 700;
const HAND_PX = 14;
const FOLLOWING_ZOOM = 14;
/** The bar of a replay lies over the lower edge. */
const BESIDE_PANELS = { top: 110, right: 70, bottom: 190, left: 70 };
/** Signs are drawn anew this often although nobody moved, because some become stale meanwhile. */
const AGEING_MS = 5_000;

export interface MapEvents {
  readonly onAlarm: (id: string) => void;
  readonly onPersonil: (id: string) => void;
  readonly onPoint: (place: Place) => void;
  /** A hand has moved the map itself. */
  readonly onDrag?: () => void;
}

export interface MapTexts extends MarkerTexts {
  readonly approximate: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
}

export interface Scene {
  readonly picture: Picture;
  readonly nowMs: number;
  readonly chosen: AlarmView | null;
  /** Those to be drawn, when it is not everybody. */
  readonly officers?: Picture["personil"];
  /** Signs without names: others read this screen, too. */
  readonly nameless?: boolean;
  /** A point the person is placing, before it is an alarm. */
  readonly draft: Place | null;
}

/** Metres and kilometres are written alike in both languages. */
const scaleWords = (metres: number): string =>
  metres >= 1_000 ? `${metres / 1_000} km` : `${metres} m`;

/** What others may lay over the map. */
export type Overlay = "heat" | "reach" | "tracks" | "moments";

export class AlarmMap {
  readonly #map: MapLibre;
  readonly #texts: MapTexts;
  readonly #events: MapEvents;
  readonly #signs: AlarmSigns;
  readonly #draft = new Marker({ draggable: false });
  #wilayah: FeatureCollection | null = null;
  #scene: Scene | null = null;
  #ready = false;
  #personilAtMs = 0;
  readonly #laid = new Map<Overlay, FeatureCollection>();

  /** Throws where the browser cannot draw a map at all. */
  constructor(container: HTMLElement, texts: MapTexts, events: MapEvents) {
    this.#texts = texts;
    this.#events = events;
    const palette = paletteAt(container);
    this.#map = new MapLibre({
      container,
      style: mapStyle(palette),
      bounds: START,
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 19,
      // One world: whoever looks from afar sees no alarm twice.
      renderWorldCopies: false,
      // Signs that fade keep the map painting for a third of every second that brings a position.
      fadeDuration: 0,
      locale: {
        "NavigationControl.ZoomIn": texts.zoomIn,
        "NavigationControl.ZoomOut": texts.zoomOut,
      },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#signs = new AlarmSigns(this.#map, texts, events.onAlarm);
    this.#map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.#map.addControl(new MapScale(scaleWords), "bottom-right");
    this.#map.on("click", (event) => this.#click(event));
    this.#map.on("dragstart", () => events.onDrag?.());
    this.#map.on("styleimagemissing", ({ id }) => {
      if (isAlarmSign(id)) void this.#addSign(id, alarmSvg(id));
    });
    this.#map.on("load", () => void this.#prepare(palette));
  }

  setWilayah(wilayah: FeatureCollection): void {
    this.#wilayah = wilayah;
    if (this.#ready) this.#drawWilayah();
    this.fit();
  }

  show(scene: Scene): void {
    const before = this.#scene;
    this.#scene = scene;
    if (this.#ready) this.#draw(scene, before);
  }

  /** Colours come from the page; call after its theme changed. */
  restyle(): void {
    const palette = paletteAt(this.#map.getContainer());
    this.#ready = false;
    this.#map.setStyle(mapStyle(palette), { diff: false });
    this.#map.once("styledata", () => void this.#prepare(palette));
  }

  /** Bring an alarm into view: its place, how far off that may be, and who is on the way. */
  focus(alarm: AlarmView, picture: Picture): void {
    const { place } = alarm.where;
    if (place === null) return;
    // The panel that opens with an alarm has just made the map narrower.
    this.#map.resize();
    const around = { ...place, accuracy_m: Math.max(place.accuracy_m, LEAST_AROUND_M) };
    const { features } = accuracyRing(around);
    const seen = [...features, ...responderLines(picture, alarm).features];
    const bounds = boundsOf({ type: "FeatureCollection", features: seen });
    // MapLibre itself jumps instead of flying where the person asked for less motion.
    if (bounds !== null) this.#map.fitBounds(bounds, { padding: 70, duration: 600 });
  }

  /** Bring a place into view, as wide as nobody knows better. */
  look(place: Place): void {
    const around = { ...place, accuracy_m: Math.max(place.accuracy_m, LEAST_AROUND_M) };
    this.#lookWithin(accuracyRing(around));
  }

  lookAt(outline: Feature): void {
    this.#lookWithin({ type: "FeatureCollection", features: [outline] });
  }

  #lookWithin(features: FeatureCollection): void {
    const bounds = boundsOf(features);
    if (bounds !== null) this.#map.fitBounds(bounds, { padding: 24, duration: 0 });
  }

  /** Stays until something else is laid there, also when the theme changes. */
  lay(overlay: Overlay, features: FeatureCollection): void {
    this.#laid.set(overlay, features);
    if (this.#ready) this.#put(overlay, features);
  }

  /** Keep a place in the middle, near enough to see streets. */
  centre(place: Place): void {
    const zoom = Math.max(this.#map.getZoom(), FOLLOWING_ZOOM);
    this.#map.easeTo({ center: lonLat(place), zoom, duration: 500 });
  }

  bring(features: FeatureCollection): void {
    const bounds = boundsOf(features);
    if (bounds !== null)
      this.#map.fitBounds(bounds, { padding: BESIDE_PANELS, duration: 400, maxZoom: 15 });
  }

  fit(): void {
    const bounds = this.#wilayah === null ? null : boundsOf(this.#wilayah);
    this.#map.fitBounds(bounds ?? START, { padding: 24, duration: 0 });
  }

  stop(): void {
    this.#map.remove();
  }

  async #prepare(palette: Palette): Promise<void> {
    await Promise.all(STANDINGS.map((which) => this.#addSign(which, standingSvg(which, palette))));
    this.#ready = true;
    this.#drawWilayah();
    for (const [overlay, features] of this.#laid) this.#put(overlay, features);
    if (this.#scene !== null) this.#draw(this.#scene, null);
  }

  async #addSign(name: string, svg: string): Promise<void> {
    const image = new Image();
    image.src = dataUrl(svg);
    await image.decode();
    if (!this.#map.hasImage(name)) this.#map.addImage(name, image, { pixelRatio: 2 });
  }

  #drawWilayah(): void {
    if (this.#wilayah === null) return;
    this.#put("wilayah", this.#wilayah);
    this.#put("labels", labelPoints(this.#wilayah, this.#texts.approximate));
  }

  #draw(scene: Scene, before: Scene | null): void {
    const { picture, chosen } = scene;
    const rechosen = before === null || chosen !== before.chosen;
    const moved = this.#drawOfficers(scene, before);
    if (rechosen || (moved && chosen !== null)) this.#put("lines", responderLines(picture, chosen));
    if (rechosen) this.#put("accuracy", accuracyRing(chosen?.where.place ?? null));
    if (rechosen || picture.alarms !== before.picture.alarms) this.#drawAlarms(scene);
    this.#drawDraft(scene.draft);
  }

  /** True when they are others than before, or stand elsewhere. */
  #drawOfficers(scene: Scene, before: Scene | null): boolean {
    const { picture, nowMs } = scene;
    const officers = scene.officers ?? picture.personil;
    const moved =
      before === null ||
      officers !== (before.officers ?? before.picture.personil) ||
      scene.nameless !== before.nameless;
    if (moved || nowMs - this.#personilAtMs > AGEING_MS) {
      this.#personilAtMs = nowMs;
      const shown = { ...picture, personil: officers };
      const label = (one: PersonilView): string =>
        scene.nameless === true ? "" : officerLabel(one, this.#texts.simulated);
      this.#put("personil", personilFeatures(shown, nowMs, label));
    }
    return moved;
  }

  #drawAlarms({ picture, chosen }: Scene): void {
    const alarms = crowd(picture.alarms.values(), chosen?.id ?? null);
    this.#signs.show(alarms, chosen?.id ?? null);
    this.#put("alarms", alarmFeatures(alarms.drawn));
  }

  #drawDraft(place: Place | null): void {
    if (place === null) this.#draft.remove();
    else this.#draft.setLngLat(lonLat(place)).addTo(this.#map);
  }

  #click(event: MapMouseEvent): void {
    const { x, y } = event.point;
    const near: [[number, number], [number, number]] = [
      [x - HAND_PX, y - HAND_PX],
      [x + HAND_PX, y + HAND_PX],
    ];
    const hit = this.#ready
      ? this.#map.queryRenderedFeatures(near, { layers: ["alarms", "personil"] })[0]
      : undefined;
    const id: unknown = hit?.properties.id;
    if (typeof id === "string") {
      if (hit?.source === "alarms") this.#events.onAlarm(id);
      else this.#events.onPersonil(id);
    }
    const { lat, lng } = event.lngLat.wrap();
    this.#events.onPoint({ lat, lon: lng, accuracy_m: 0 });
  }

  #put(source: string, features: FeatureCollection): void {
    this.#map.getSource<GeoJSONSource>(source)?.setData(features);
  }
}
