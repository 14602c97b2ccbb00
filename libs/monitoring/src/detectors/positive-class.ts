import { classText, type ModelDeclaration } from '@plumbline/contracts';

/**
 * Returns the positive class of a binary model: the declared one, else "1", else the last of its two classes in text order;
 * undefined where there are more than two or none.
 * @param classes seen so far, in any order
 */
export function positiveClassOf(
  declaration: Pick<ModelDeclaration, 'positive_class' | 'task'>,
  classes: readonly string[],
): string | undefined {
  if (declaration.positive_class !== undefined) return classText(declaration.positive_class);
  const distinct = [...new Set(classes)].sort();
  if (distinct.length === 0 || distinct.length > 2 || declaration.task === 'multiclass') return undefined;
  return distinct.includes('1') ? '1' : distinct.at(-1);
}
