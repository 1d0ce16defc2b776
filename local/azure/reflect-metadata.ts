/**
 * `@peculiar/x509` resolves its algorithms through tsyringe, which asks for the Reflect metadata functions and for
 * nothing else of that proposal (node_modules/tsyringe/README.md). These are those functions; a package that brings
 * the whole proposal may stand in for this file. Import it before `@peculiar/x509`.
 */
type Metadata = Map<unknown, unknown>;

interface MetadataFunctions {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  hasOwnMetadata?: (key: unknown, target: object) => boolean;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

const stored = new WeakMap<object, Metadata>();

function ownMetadata(key: unknown, target: object): unknown {
  return stored.get(target)?.get(key);
}

function inheritedMetadata(key: unknown, target: object): unknown {
  if (stored.get(target)?.has(key)) return ownMetadata(key, target);
  const parent = Object.getPrototypeOf(target) as object | null;
  return parent === null ? undefined : inheritedMetadata(key, parent);
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const metadata: Metadata = stored.get(target) ?? new Map<unknown, unknown>();
  metadata.set(key, value);
  stored.set(target, metadata);
}

const reflect = Reflect as MetadataFunctions;
reflect.getMetadata ??= inheritedMetadata;
reflect.getOwnMetadata ??= ownMetadata;
reflect.hasOwnMetadata ??= (key, target) => stored.get(target)?.has(key) ?? false;
reflect.defineMetadata ??= defineMetadata;
