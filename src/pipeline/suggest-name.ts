import { distance } from 'fastest-levenshtein'

/**
 * Returns the known name that was most likely meant. Undefined: none is close
 *
 * @param most the maximum number of edits. Default: two, and one for names of fewer than six letters
 */
export function suggestName (name: string, known: readonly string[], most = name.length < 6 ? 1 : 2): string | undefined {
  return known
    .filter(one => Math.abs(one.length - name.length) <= most && editsBetween(name, one) <= most)
    .toSorted((a, b) => editsBetween(name, a) - editsBetween(name, b))[0]
}

/** Returns the number of letters that are added, removed or replaced. A lone swap of two neighbours counts as one edit */
function editsBetween (a: string, b: string): number {
  let i = 0

  while (i < a.length && a[i] === b[i]) {
    i++
  }

  return `${a.slice(0, i)}${a.charAt(i + 1)}${a.charAt(i)}${a.slice(i + 2)}` === b ? 1 : distance(a, b)
}
