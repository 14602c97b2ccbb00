export { describeReference, referenceInWords } from './describe-reference.js';
export {
  declarationOf,
  movingReferenceId,
  type MovingReference,
  type MovingReferenceKind,
  parseMovingReferenceId,
  periodsOf,
} from './moving-reference.js';
export { profileOfCells } from './profile-of-cells.js';
export { comparisonKey, type ReferenceInForce, referencesInForce } from './reference-in-force.js';
