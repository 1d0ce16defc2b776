/**
 * Route templates as Functions apps use them (ASP.NET syntax): literals, `{name}`, `{name?}`, `{name=default}`,
 * `{*rest}` and constraints such as `{name:int}`. Matching ignores case; values keep theirs.
 * Source: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
 */

export interface Route {
  template: string;
  /** The parameters of a path (without leading slash), or undefined when it does not match. */
  match: (path: string) => Record<string, string> | undefined;
  /** Routes with a smaller rank are tried first: literal before constrained before free before catch-all. */
  rank: string;
}

const constraints: Record<string, RegExp> = {
  alpha: /^[a-z]+$/i,
  bool: /^(true|false)$/i,
  int: /^-?\d+$/,
  long: /^-?\d+$/,
  decimal: /^-?\d+(\.\d+)?$/,
  double: /^-?\d+(\.\d+)?$/,
  float: /^-?\d+(\.\d+)?$/,
  guid: /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
};

interface Segment {
  pattern: RegExp;
  names: string[];
  constraints: Record<string, string[]>;
  defaults: Record<string, string>;
  optional: boolean;
  catchAll: boolean;
  rank: string;
}

/** Compiles a template. Throws when it is malformed. */
export function compileRoute(template: string): Route {
  const segments = template.split('/').filter(Boolean).map(compileSegment);
  return {
    template,
    rank: segments.map((segment) => segment.rank).join(''),
    match: (path) => matchSegments(segments, path.split('/').filter(Boolean)),
  };
}

function compileSegment(text: string): Segment {
  const segment: Segment = {
    pattern: /^$/,
    names: [],
    constraints: {},
    defaults: {},
    optional: false,
    catchAll: false,
    rank: '0',
  };
  const source = text.replace(/\{([^{}]*)\}|[^{}]+|[{}]/g, (part, parameter: string | undefined) => {
    if (part === '{' || part === '}') throw new Error(`The route segment '${text}' has an unmatched brace.`);
    if (parameter === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return compileParameter(segment, parameter);
  });
  segment.pattern = new RegExp(`^${source}$`, 'i');
  return segment;
}

function compileParameter(segment: Segment, text: string): string {
  const match = /^(\*{0,2})([^:=?*]+)((?::[^:=?]+)*)(?:=([^?]*))?(\?)?$/.exec(text);
  if (!match) throw new Error(`The route parameter '{${text}}' is not understood.`);
  const [, stars = '', name = '', rules = '', fallback, question] = match;
  segment.names.push(name);
  segment.constraints[name] = rules.split(':').filter(Boolean);
  if (fallback !== undefined) segment.defaults[name] = fallback;
  segment.optional ||= question !== undefined || fallback !== undefined || stars !== '';
  segment.catchAll ||= stars !== '';
  segment.rank = stars ? '3' : rules ? '1' : '2';
  return '(.+)';
}

function matchSegments(segments: Segment[], parts: string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const text = segment.catchAll ? parts.slice(index).join('/') : parts[index];
    if (!text) {
      if (!segment.optional) return undefined;
      Object.assign(values, segment.defaults);
      continue;
    }
    const found = matchSegment(segment, text);
    if (!found) return undefined;
    Object.assign(values, found);
    if (segment.catchAll) return values;
  }
  return parts.length > segments.length ? undefined : values;
}

function matchSegment(segment: Segment, text: string): Record<string, string> | undefined {
  const match = segment.pattern.exec(text);
  if (!match) return undefined;
  const values: Record<string, string> = {};
  for (const [index, name] of segment.names.entries()) {
    const value = decode(match[index + 1] ?? '');
    if (!segment.constraints[name]?.every((rule) => satisfies(rule, value))) return undefined;
    values[name] = value;
  }
  return values;
}

/** Constraints with an argument, such as `length(3)`, are tolerated and not applied. */
function satisfies(rule: string, value: string): boolean {
  return constraints[rule.toLowerCase()]?.test(value) ?? true;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
