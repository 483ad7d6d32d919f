/** How the map looks: no tiles, no glyph server, nothing that is not on this machine. */

import regular from "@fontsource/noto-sans/files/noto-sans-latin-400-normal.woff2?url";
import bold from "@fontsource/noto-sans/files/noto-sans-latin-600-normal.woff2?url";
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import { noFeatures } from "./map_features";
import type { Palette } from "./map_symbols";

const REGULAR = ["Noto Sans Regular"];
const BOLD = ["Noto Sans SemiBold"];
const here = (path: string): string => new URL(path, location.href).href;

export function mapStyle(palette: Palette): StyleSpecification {
  const empty = { type: "geojson", data: noFeatures } as const;
  const halo = { "text-halo-color": palette.halo, "text-halo-width": 1.6 };
  return {
    version: 8,
    "font-faces": { [REGULAR[0] ?? ""]: here(regular), [BOLD[0] ?? ""]: here(bold) },
    sources: {
      wilayah: empty,
      labels: empty,
      heat: empty,
      reach: empty,
      accuracy: empty,
      lines: empty,
      tracks: empty,
      personil: empty,
      alarms: empty,
      moments: empty,
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": palette.halo } },
      { id: "land", type: "fill", source: "wilayah", paint: { "fill-color": palette.land } },
      {
        id: "edges",
        type: "line",
        source: "wilayah",
        // Broken where the outline is only approximate: it must not look like a surveyed border.
        paint: { "line-color": palette.edge, "line-width": 1.2, "line-dasharray": [3, 2] },
        filter: ["==", ["get", "approximate"], true],
      },
      {
        id: "edges-exact",
        type: "line",
        source: "wilayah",
        paint: { "line-color": palette.edge, "line-width": 1.2 },
        filter: ["!=", ["get", "approximate"], true],
      },
      ...under(palette),
      {
        id: "labels",
        type: "symbol",
        source: "labels",
        layout: {
          "text-field": [
            "step",
            ["zoom"],
            ["get", "name"],
            10.5,
            ["format", ["get", "name"], {}, "\n", {}, ["get", "rough"], { "font-scale": 0.8 }],
          ],
          "text-font": BOLD,
          "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11, 12, 14],
        },
        paint: { "text-color": palette.label, ...halo },
      },
      {
        id: "accuracy",
        type: "fill",
        source: "accuracy",
        paint: { "fill-color": palette.warn, "fill-opacity": 0.16 },
      },
      {
        id: "accuracy-edge",
        type: "line",
        source: "accuracy",
        paint: { "line-color": palette.warn, "line-width": 1.2 },
      },
      {
        id: "lines",
        type: "line",
        source: "lines",
        paint: { "line-color": palette.accent, "line-width": 2, "line-dasharray": [2, 1.5] },
      },
      {
        id: "personil",
        type: "symbol",
        source: "personil",
        layout: {
          "icon-image": ["get", "standing"],
          "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.7, 12, 1],
          "icon-allow-overlap": true,
          "icon-ignore-placement": true,
          "text-field": ["step", ["zoom"], "", 11.5, ["get", "label"]],
          "text-font": REGULAR,
          "text-size": 11,
          "text-offset": [0, 1.1],
          "text-anchor": "top",
          "text-optional": true,
        },
        paint: { "text-color": palette.label, ...halo },
      },
      {
        id: "alarms",
        type: "symbol",
        source: "alarms",
        layout: {
          "icon-image": ["get", "sign"],
          "icon-allow-overlap": true,
          "icon-ignore-placement": true,
          "text-field": ["step", ["zoom"], "", 11.5, ["get", "number"]],
          "text-font": BOLD,
          "text-size": 11,
          "text-offset": [0, 1.3],
          "text-anchor": "top",
          "text-optional": true,
        },
        paint: { "text-color": palette.label, ...halo },
      },
      ...replayed(palette, halo),
    ],
  };
}

/** What lies on the ground: where alarms were, and how far officers reach. */
function under(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "heat",
      type: "heatmap",
      source: "heat",
      paint: {
        "heatmap-weight": ["interpolate", ["linear"], ["get", "alarms"], 0, 0, 1, 0.4, 8, 1],
        "heatmap-radius": ["interpolate", ["linear"], ["zoom"], 8, 22, 13, 60],
        "heatmap-intensity": ["interpolate", ["linear"], ["zoom"], 8, 1, 14, 2],
        "heatmap-opacity": 0.75,
        "heatmap-color": [
          "interpolate",
          ["linear"],
          ["heatmap-density"],
          0,
          "rgba(0,0,0,0)",
          0.15,
          palette.accent,
          0.5,
          palette.warn,
          1,
          palette.danger,
        ],
      },
    },
    {
      id: "reach",
      type: "fill",
      source: "reach",
      paint: { "fill-color": palette.good, "fill-opacity": 0.07 },
    },
    {
      id: "reach-edge",
      type: "line",
      source: "reach",
      paint: { "line-color": palette.good, "line-width": 1.2, "line-opacity": 0.7 },
    },
  ];
}

/** A finished alarm again: the ways so far, who was where, and the place itself. */
function replayed(palette: Palette, halo: object): LayerSpecification[] {
  return [
    {
      id: "tracks",
      type: "line",
      source: "tracks",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": palette.accent, "line-width": 3.5 },
    },
    {
      id: "moments",
      type: "circle",
      source: "moments",
      paint: {
        "circle-radius": 8,
        "circle-color": ["case", ["get", "scene"], palette.danger, palette.accent],
        "circle-stroke-color": palette.halo,
        "circle-stroke-width": 2.5,
      },
    },
    {
      id: "moment-names",
      type: "symbol",
      source: "moments",
      layout: {
        "text-field": ["get", "label"],
        "text-font": BOLD,
        "text-size": 12,
        "text-offset": [0, 1.1],
        "text-anchor": "top",
        "text-allow-overlap": true,
      },
      paint: { "text-color": palette.label, ...halo },
    },
  ];
}
