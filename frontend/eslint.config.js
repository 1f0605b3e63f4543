// The linter's rules: strict types without exceptions.
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config({ ignores: ["node_modules"] }, eslint.configs.recommended, {
  files: ["**/*.ts"],
  extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: { parserOptions: { projectService: true } },
  rules: {
    "@typescript-eslint/no-non-null-assertion": "error",
    "@typescript-eslint/no-explicit-any": "error",
    // Lit binds event listeners itself, and numbers in templates are safe.
    "@typescript-eslint/unbound-method": "off",
    "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    // A callback with one call is easier to read on one line.
    "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  },
});
