import type { AnyStageInit, List } from './types.ts'

/** By the identity of an address: the filters above the lowest source that gives it. Nobody knows what a missing address has passed */
export type Entries = ReadonlyMap<string, readonly AnyStageInit[]>

/** Returns the list with a note at each address that a source below filters gives */
export function noteEntries (list: List, above: readonly AnyStageInit[], gives: (id: string) => boolean): List {
  const entered = above.length === 0 ? [] : list.candidates.filter(({ id }) => gives(id)).map(({ id }) => [id, above] as const)

  return entered.length === 0 ? list : { ...list, entries: new Map([...list.entries ?? [], ...entered]) }
}

/** Returns the filters of a policy that an address which entered below others has passed: all of them where it entered elsewhere */
export function passedOf (policy: readonly AnyStageInit[], above: readonly AnyStageInit[]): readonly AnyStageInit[] {
  return above.every((stage, i) => stage === policy[i]) ? policy.slice(above.length) : policy
}
