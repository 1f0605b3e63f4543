// Global test setup: each test starts with an empty page.
import { afterEach } from "vitest";

afterEach(() => {
  document.body.replaceChildren();
});

// Suppresses Lit's warning about its development build.
Object.assign(globalThis, { litIssuedWarnings: new Set(["dev-mode"]) });
