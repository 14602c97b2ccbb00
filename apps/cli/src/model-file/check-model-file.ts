import {
  modelDeclarationSchema,
  monitorDeclarationSchema,
  nameSchema,
  receiverDeclarationSchema,
  retrainingPolicyDeclarationSchema,
  type ModelDeclaration,
  type MonitorDeclaration,
  type ReceiverDeclaration,
  type RetrainingPolicyDeclaration,
} from '@plumbline/contracts';

/** All that a model file declares, with defaults filled in. */
export interface ModelFile {
  readonly model: string;
  readonly declaration: ModelDeclaration;
  readonly monitors: ReadonlyMap<string, MonitorDeclaration>;
  readonly retrainingPolicies: ReadonlyMap<string, RetrainingPolicyDeclaration>;
  readonly receivers: ReadonlyMap<string, ReceiverDeclaration>;
}

export interface ModelFileFault {
  /** As in `monitors.drift.thresholds`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

/** The part of a zod schema this file needs: contracts owns the schemas, and the library behind them. */
interface Schema<Value> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Returns what a parsed file declares, or all of its faults. */
export function checkModelFile(
  value: unknown,
): { readonly file: ModelFile } | { readonly faults: readonly ModelFileFault[] } {
  if (!isObject(value)) return { faults: [{ path: '', message: 'must be a map that begins with "model: NAME"' }] };
  const { model, monitors = {}, retraining_policies = {}, receivers = {}, ...declaration } = value;
  const faults: ModelFileFault[] = [];
  const check = <Value>(schema: Schema<Value>, part: unknown, path: string): Value | undefined => {
    const parsed = schema.safeParse(part);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      faults.push({
        path: [path, ...issue.path.map(String)].filter((step) => step !== '').join('.'),
        message: issue.message,
      });
    }
    return undefined;
  };
  const checkEach = <Value>(schema: Schema<Value>, parts: unknown, path: string): ReadonlyMap<string, Value> => {
    const checked = new Map<string, Value>();
    if (!isObject(parts)) {
      faults.push({ path, message: 'must be a map from names to declarations' });
      return checked;
    }
    for (const [name, part] of Object.entries(parts)) {
      check(nameSchema, name, path);
      const declared = check(schema, part, `${path}.${name}`);
      if (declared !== undefined) checked.set(name, declared);
    }
    return checked;
  };
  const name = check<string>(nameSchema, model, 'model');
  const checkedDeclaration = check<ModelDeclaration>(modelDeclarationSchema, declaration, '');
  const file = {
    monitors: checkEach<MonitorDeclaration>(monitorDeclarationSchema, monitors, 'monitors'),
    retrainingPolicies: checkEach<RetrainingPolicyDeclaration>(
      retrainingPolicyDeclarationSchema,
      retraining_policies,
      'retraining_policies',
    ),
    receivers: checkEach<ReceiverDeclaration>(receiverDeclarationSchema, receivers, 'receivers'),
  };
  if (faults.length > 0 || name === undefined || checkedDeclaration === undefined) return { faults };
  return { file: { model: name, declaration: checkedDeclaration, ...file } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
