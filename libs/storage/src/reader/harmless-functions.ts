/**
 * Categories of the engine's functions (system.functions) that only compute. Those not listed read dictionaries, files or settings, call
 * services, write to the log or say something about the process; a category that a later engine adds is not listed.
 */
const CATEGORIES = new Set([
  'Arithmetic',
  'Arrays',
  'Bit',
  'Bitmap',
  'Comparison',
  'Conditional',
  'Dates and Times',
  'Distance',
  'Encoding',
  'Geo',
  'Hash',
  'IP Address',
  'JSON',
  'Logical',
  'Map',
  'Mathematical',
  'Null',
  'NumericIndexedVector',
  'Random Number',
  'Rounding',
  'String',
  'String Replacement',
  'String Search',
  'String Splitting',
  'Time Window',
  'Tuple',
  'Type Conversion',
  'URL',
  'UUID',
]);

/** Of the mixed categories, those that clients and dashboards use and that tell nothing but what a reader may know. */
const OTHERS = [
  'bar',
  'bytesize',
  'casewithexpression',
  'currentdatabase',
  'currentuser',
  'defaultvalueoftypename',
  'displayname',
  'dumpcolumnstructure',
  'exists',
  'finalizeaggregation',
  'formatreadabledecimalsize',
  'formatreadablequantity',
  'formatreadablesize',
  'formatreadabletimedelta',
  'getsubcolumn',
  'grouping',
  'identity',
  'ignore',
  'isconstant',
  'lambda',
  'lowcardinalityindices',
  'lowcardinalitykeys',
  'materialize',
  'neighbor',
  'revision',
  'rownumberinallblocks',
  'rownumberinblock',
  'runningdifference',
  'runningdifferencestartingwithfirstvalue',
  'throwif',
  'totypename',
  'transform',
  'uptime',
  'variantelement',
  'varianttype',
  'version',
  'visiblewidth',
  '_cast',
];

/** Of listed categories, what does more than compute. */
const EXCEPTIONS = ['chdb', 'generateserialid'];

export interface EngineFunction {
  readonly name: string;
  readonly aggregate: boolean;
  readonly aliasOf: string;
  readonly category: string;
}

/**
 * Returns what tells by its name whether a function only computes.
 * @param functions of the engine, aliases included
 * @param combinators suffixes of aggregate functions, as in sumIf
 */
export function harmlessFunctions(
  functions: readonly EngineFunction[],
  combinators: readonly string[],
): (name: string) => boolean {
  const harmless = new Set(OTHERS);
  const aggregates = new Set<string>();
  for (const { name, aggregate, category } of functions) {
    if (aggregate) aggregates.add(name.toLowerCase());
    else if (CATEGORIES.has(category)) harmless.add(name.toLowerCase());
  }
  for (const name of EXCEPTIONS) harmless.delete(name);
  for (const { name, aliasOf } of functions) {
    if (aliasOf === '') continue;
    if (aggregates.has(aliasOf.toLowerCase())) aggregates.add(name.toLowerCase());
    else if (harmless.has(aliasOf.toLowerCase())) harmless.add(name.toLowerCase());
    else harmless.delete(name.toLowerCase());
  }
  const suffixes = combinators.map((suffix) => suffix.toLowerCase());
  const isAggregate = (name: string): boolean =>
    aggregates.has(name) ||
    suffixes.some((suffix) => name.endsWith(suffix) && isAggregate(name.slice(0, -suffix.length)));
  return (name) => {
    const lower = name.toLowerCase();
    return harmless.has(lower) || isAggregate(lower);
  };
}
