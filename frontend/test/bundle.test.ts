// The built bundle: it matches the sources, is small, and names its source.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const BUNDLE = "../custom_components/alphaess_live/frontend/alphaess-live.js";

test("the committed bundle equals a fresh build", () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const vite = ["node_modules/vite/bin/vite.js", "build", "--logLevel", "error", "--outDir", folder];
  execFileSync(process.execPath, vite, { env: { ...process.env, NODE_ENV: "production" } });
  const built = readFileSync(join(folder, "alphaess-live.js"), "utf8");
  rmSync(folder, { recursive: true });
  expect(readFileSync(BUNDLE, "utf8") === built, "stale: run `npm run build`").toBe(true);
}, 60_000);

test("the bundle names its source and has at most 30 kB compressed", () => {
  const bundle = readFileSync(BUNDLE);
  expect(bundle.toString().split("\n")[0]).toContain("frontend/ by `npm run build`");
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(30_000);
});
