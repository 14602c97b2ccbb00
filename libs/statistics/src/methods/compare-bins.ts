import type { BinnedPair } from '../binned-pair.js';
import { findMethod } from './find-method.js';
import type { Distance } from './method.js';

/**
 * Returns how far two samples are apart by a method, from counts over the bins or categories of the reference, with the error bound of what the
 * bins leave open. NaN when a sample is empty.
 * @throws UnknownMethodError
 * @throws RangeError when counts and bins are not aligned, when the method is not for this kind of values, or has no form over bins
 */
export function compareBins(methodId: string, pair: BinnedPair): Distance {
  const method = findMethod(methodId);
  const kind = pair.reference.kind === 'numeric' ? 'numeric' : 'categorical';
  if (!method.kinds.includes(kind)) {
    throw new RangeError(`${methodId} is not defined for ${kind} values: use one that is, such as psi.decile`);
  }
  if (pair.reference.counts.length !== pair.current.counts.length) {
    const { reference, current } = pair;
    throw new RangeError(
      `counts are not aligned: ${reference.counts.length} reference and ${current.counts.length} current bins`,
    );
  }
  return method.ofBins(pair);
}
