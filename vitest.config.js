import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      // The addresses under which the site serves packages, so that a controller is tested as the browser loads it.
      { find: /^\/static\/vendor\/stimulus\//, replacement: here("./node_modules/@hotwired/stimulus/dist/") },
      { find: /^\/static\/vendor\/uplot\//, replacement: here("./node_modules/uplot/dist/") },
      { find: /^\/static\/vendor\/htmx\//, replacement: here("./node_modules/htmx.org/dist/") },
      { find: /^\/static\/(?!vendor\/)/, replacement: here("./webapp/static/") },
    ],
  },
  test: {
    environment: "jsdom",
    include: ["tests/js/**/*.test.js"],
  },
});
