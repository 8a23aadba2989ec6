import { distance } from 'fastest-levenshtein'

/** Returns the known name that was most likely meant, if one is within two edits (one edit for a name of fewer than six letters) */
export function suggestName (name: string, known: readonly string[]): string | undefined {
  const most = name.length < 6 ? 1 : 2

  return known
    .filter(one => Math.abs(one.length - name.length) <= most && editsBetween(name, one) <= most)
    .toSorted((a, b) => editsBetween(name, a) - editsBetween(name, b))[0]
}

/** Returns how many letters are added, removed, replaced, or swapped with their neighbour */
export function editsBetween (a: string, b: string): number {
  const edits = distance(a, b)

  return edits === 2 && sorted(a) === sorted(b) ? 1 : edits
}

function sorted (text: string): string {
  return Array.from(text).toSorted().join('')
}
