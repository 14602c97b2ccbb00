/** Returns which side of its threshold is bad for a metric: too little volume, too much of everything else. */
export function breachSide(method: string): 'at_least' | 'at_most' {
  return method === 'volume' ? 'at_most' : 'at_least';
}
