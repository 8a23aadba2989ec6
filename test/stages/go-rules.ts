import test from 'ava'
import { delaysOf } from '../../src/stages/go-delays.ts'
import { goOrder, goRank } from '../../src/stages/go-order.ts'
import { cands, onList } from './on-list.ts'

/** One case of go-libp2p's ranking rules */
export interface Rule {
  it: string
  /** The expected order, with delays in milliseconds after the first address, derived from the text of the rules */
  ranks: ReadonlyArray<readonly [delay: number, address: string]>
  /** The input, if its order matters. Default: the same addresses in any order */
  given?: readonly string[]
}

/** Declares a test for each rule, of the order of `goOrder` and the delays of `goDelays` */
export function rules (of: string, table: readonly Rule[]): void {
  for (const { it, ranks, given } of table) {
    test(`${of}: ${it}`, async t => {
      const addresses = ranks.map(([, address]) => address)
      t.is(new Set(addresses).size, ranks.length, 'a case that names an address twice')

      for (const input of given == null ? turns(addresses) : [given]) {
        t.deepEqual(input.toSorted(), addresses.toSorted(), 'a case that ranks something else than it is given')

        const { kept } = await onList(goOrder(), cands(input))
        const delays = delaysOf(goRank(cands(input)))
        t.deepEqual(kept.map(id => [delays.get(id), id]), ranks)
      }
    })
  }
}

/** Returns every rotation, forwards and backwards */
function turns (addresses: readonly string[]): string[][] {
  const rotations = addresses.map((_, i) => [...addresses.slice(i), ...addresses.slice(0, i)])

  return [...rotations, ...rotations.map(one => one.toReversed())]
}
