/** How every app is built, and what makes it one that a phone installs and opens without network. */

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin, type UserConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

const DARK = "#0e1318";
const LIGHT = "#eef2f5";

export interface App {
  /** Its folder, its address and its scope: /komando/. */
  readonly at: string;
  readonly name: string;
  /** What stands under the icon on a home screen. */
  readonly shortName: string;
  readonly description: string;
  /** Works with the map all day: it is there without network, too. Elsewhere it is fetched when wanted. */
  readonly keepsMap?: boolean;
}

export function appConfig(app: App): UserConfig {
  const base = `/${app.at}/`;
  return defineConfig({
    base,
    plugins: [svelte(), head(base), installable(app, base)],
    build: {
      target: "es2023",
      // Fonts and the map's worker stay files: the page's policy allows no data: scripts or fonts.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2_000,
    },
  });
}

function installable(app: App, base: string): Plugin[] {
  return VitePWA({
    strategies: "injectManifest",
    srcDir: "../worker",
    filename: "sw.ts",
    injectRegister: false,
    // The icons that the manifest names are kept by globPatterns like every other file.
    includeManifestIcons: false,
    injectManifest: {
      rollupFormat: "iife",
      globPatterns: ["**/*.{html,js,mjs,css,woff2,svg,png,webmanifest}"],
      globIgnores: app.keepsMap ? [] : ["assets/*map*", "assets/noto-sans*"],
      // Named after their content: kept from one version to the next without asking.
      dontCacheBustURLsMatching: /^assets\//,
      maximumFileSizeToCacheInBytes: 4_000_000,
    },
    manifest: {
      id: base,
      name: app.name,
      short_name: app.shortName,
      description: app.description,
      lang: "id",
      start_url: base,
      scope: base,
      display: "standalone",
      theme_color: DARK,
      background_color: DARK,
      icons: [
        { src: "icon-192.png", sizes: "192x192", type: "image/png" },
        { src: "icon-512.png", sizes: "512x512", type: "image/png" },
        { src: "icon-maskable.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
      ],
    },
  });
}

/** What phones read from the page and not from the manifest. */
function head(base: string): Plugin {
  return {
    name: "cas-head",
    transformIndexHtml: () => [
      { tag: "link", attrs: { rel: "apple-touch-icon", href: `${base}icon-192.png` } },
      theme("dark", DARK),
      theme("light", LIGHT),
    ],
  };
}

function theme(scheme: string, content: string): { tag: string; attrs: Record<string, string> } {
  const media = `(prefers-color-scheme: ${scheme})`;
  return { tag: "meta", attrs: { name: "theme-color", media, content } };
}
