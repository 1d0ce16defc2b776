/**
 * Who may import whom (docs: README "Rooms"). Each rule names the promise that it keeps.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'deployed-code-knows-no-simulator',
      comment: 'src/ is what is deployed: nothing in it may know what runs it on a desk.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(local|test|fixtures|bench|tools)/' },
    },
    {
      name: 'stories-are-deterministic',
      comment:
        'Orchestrators import each other, durable.ts and types only: deciding and diagnosing are activities, frozen in history.',
      severity: 'error',
      from: { path: '^src/orchestrators/(?!durable\\.ts$)' },
      to: { pathNot: '^src/orchestrators/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-file-knows-the-durable-engine',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/orchestrators/durable\\.ts$' },
      to: { path: 'node_modules/durable-functions/' },
    },
    {
      name: 'one-file-chooses-adapters',
      comment: 'Everything else works with ports.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(composition\\.ts$|azure/arm/)' },
      to: { path: '^src/azure/arm/' },
    },
    {
      name: 'azure-sdk-stays-behind-its-ports',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(composition\\.ts$|azure/arm/|ledger/)' },
      to: { path: 'node_modules/@azure/(arm-|identity|data-tables|storage-)' },
    },
    {
      name: 'pure-rooms-know-no-azure',
      comment: 'Parsers, policy, signatures: text and facts in, values out. No Azure, no ledger, no environment.',
      severity: 'error',
      from: { path: '^src/(windows|policy|signatures|disk|network)/' },
      to: {
        path: '^(src/(activities|azure|ledger|orchestrators|triggers|telemetry|composition|settings)|node_modules/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'pure-rooms-use-no-machine',
      severity: 'error',
      from: { path: '^src/(windows|policy|signatures|disk|network)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-missing-packages',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@azure/functions-core$' },
    },
    {
      name: 'deployed-code-uses-dependencies-only',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
