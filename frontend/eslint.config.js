// What the linter holds against us: strict types, no escape hatches.
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config({ ignores: ["node_modules"] }, eslint.configs.recommended, {
  files: ["**/*.ts"],
  extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: { parserOptions: { projectService: true } },
  rules: {
    "@typescript-eslint/no-non-null-assertion": "error",
    "@typescript-eslint/no-explicit-any": "error",
    // Lit's event listeners and our numbers in texts are fine as they are.
    "@typescript-eslint/unbound-method": "off",
    "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    // A callback that only says "do this" reads better on one line.
    "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  },
});
