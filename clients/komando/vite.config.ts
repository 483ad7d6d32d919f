import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/komando/",
  plugins: [svelte()],
  build: {
    target: "es2023",
    // Fonts and the map's worker stay files: the page's policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
});
