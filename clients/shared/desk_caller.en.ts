import type { deskCaller as indonesian } from "./desk_caller.id";

/** Where a caller is. */
export const deskCaller: typeof indonesian = {
  search: "Find the place",
  searchHint: "Wilayah, Instansi, street, or coordinates",
  kind: {
    kabupaten: "Regency",
    kecamatan: "District",
    desa: "Village",
    site: "Institution",
  },
  coordinates: "Coordinates",
  none: "Nothing found. Try a part of its name, or click on the map.",
  failed: "The search failed. Click the place on the map, or try again.",
  found: (n: number) => `${n} places found`,
  at: (name: string) => `Point: ${name}`,
  offBy: (far: string) => `± ${far}`,
  clear: "Remove the point",
};
