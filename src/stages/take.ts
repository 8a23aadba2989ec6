import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Keeps the first `n` of the list. Default: the node's `maxPeerAddrsToDial` */
export function take (n?: number): StageInit<'candidates', 'candidates', 'take'> {
  return check(named('take', ['candidates'], 'candidates', ({ settings: { maxPeerAddrsToDial } }) => ({
    run: async function * (source, dial) {
      const most = n ?? maxPeerAddrsToDial

      for await (const list of source) {
        list.candidates.forEach((candidate, i) => { dial.verdict(candidate, i < most ? true : `not among the first ${most}`) })
        yield { ...list, candidates: list.candidates.slice(0, most) }
      }
    }
  })))
}
