import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const everywhere = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
];

// A tool's output is one character for each byte of a code page that is not known: 0xA0, a blank to JavaScript, may be a
// letter, and a Latin letter half of one. src/windows/console-text.ts has what holds in every code page.
const consoleText = 'Guest output is bytes: use src/windows/console-text.ts, or name the characters.';
const inGuestOutput = [
  { selector: String.raw`Literal[regex.pattern=/(?:^|[^\\])(?:\\\\)*\\[sSbB]/]`, message: consoleText },
  { selector: String.raw`TemplateElement[value.raw=/\\(?:[sS][+*?{)]|[bB][^a-zA-Z])/]`, message: consoleText },
  {
    selector: 'CallExpression[callee.property.name=/^(?:trim|trimStart|trimEnd|localeCompare)$/]',
    message: consoleText,
  },
];

export default tseslint.config(
  { ignores: ['dist/**', '.local/**', 'coverage/**', 'node_modules/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      'max-depth': ['error', 3],
      'no-restricted-syntax': ['error', ...everywhere],
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    // What is on a disk is Unicode. Commands are text of ours.
    files: ['src/windows/**/*.ts', 'src/guest/**/*.ts'],
    ignores: ['src/guest/snapshot-disk/**', 'src/guest/command.ts', 'src/guest/powershell-line.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, ...inGuestOutput] },
  },
  {
    // Jest's matchers and durable-functions' generators are typed `any`; in tests an assertion says what is meant.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        URL: 'readonly',
        setImmediate: 'readonly',
      },
    },
  },
);
