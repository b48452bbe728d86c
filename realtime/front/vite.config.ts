import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// What is built is committed: plain names, so that a change is a change of a file and not of its name.
export default defineConfig({
  base: "./", // served at /panel/
  plugins: [svelte({ compilerOptions: { cssHash: ({ hash, css }) => `s${hash(css)}` } })],
  build: {
    outDir: "../panel",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"], // all know light-dark()
    assetsInlineLimit: 0, // the server's Content-Security-Policy: nothing inline
    modulePreload: { polyfill: false },
    license: { fileName: "licences.md" }, // of what is built in
    rollupOptions: {
      output: {
        entryFileNames: "panel.js",
        chunkFileNames: "[name].js",
        assetFileNames: "panel[extname]",
      },
    },
  },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: { include: ["src/**/*.test.ts"] },
});
