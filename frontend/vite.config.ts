// Build of the cards into the single file that Home Assistant serves, and the test setup.
import { defineConfig } from "vitest/config";

const BANNER = "/* Built from frontend/ by `npm run build`; edit there, never here. */";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: "../custom_components/alphaess_live/frontend",
    emptyOutDir: true,
    modulePreload: false,
    rolldownOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "alphaess-live.js", codeSplitting: false, minify: true, postBanner: BANNER },
    },
  },
  server: { open: "/dev/index.html" },
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    restoreMocks: true,
  },
});
