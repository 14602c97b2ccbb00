import { classText, type ModelDeclaration } from '@plumbline/contracts';

/**
 * Returns the positive class of a binary model: the declared one, else "1", else the last of its two classes in text order;
 * undefined where there are more than two, or too few to tell.
 * @param classes seen so far, in any order
 */
export function positiveClassOf(
  declaration: Pick<ModelDeclaration, 'positive_class' | 'task'>,
  classes: readonly string[],
): string | undefined {
  if (declaration.positive_class !== undefined) return classText(declaration.positive_class);
  const distinct = [...new Set(classes)].sort();
  if (distinct.length === 0 || distinct.length > 2 || declaration.task === 'multiclass') return undefined;
  if (distinct.includes('1')) return '1';
  // Of one class alone nobody can say which of the two it is.
  return distinct.length === 2 ? distinct[1] : undefined;
}
