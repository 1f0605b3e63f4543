// Each test starts with an empty page.
import { afterEach } from "vitest";

afterEach(() => {
  document.body.replaceChildren();
});

// Lit reminds everybody who tests that they are not in production; we know.
Object.assign(globalThis, { litIssuedWarnings: new Set(["dev-mode"]) });
