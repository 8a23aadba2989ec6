import { setImmediate as nextTurn } from 'node:timers/promises'
import { targets } from '../targets.ts'
import type { NoOpNode } from '../no-op-node.ts'

/** Rounds until the code is optimised: the first thousands of dials take up to three times as long, above all those of a pipeline */
const WARM_UP = 1_000

/** A low number, so that most rounds end before another process gets the processor */
export const DIALS_A_ROUND = 10

/**
 * Dials new targets one after another on each node, in `rounds` rounds after a warm-up. Each node is first in as many rounds as another.
 * Returns the microseconds of a dial, for each node and round
 */
export async function microsecondsOf (nodes: readonly NoOpNode[], addresses: number, rounds: number): Promise<number[][]> {
  const times = nodes.map((): number[] => [])

  for (let round = 0; round < WARM_UP + rounds; round++) {
    if (round === WARM_UP) {
      // collects the garbage of the warm-up. Later collections are rare, and the median ignores their rounds
      globalThis.gc?.()
    }

    for (let i = 0; i < nodes.length; i++) {
      const which = (i + round) % nodes.length
      const time = await microsecondsADial(nodes[which] as NoOpNode, addresses)

      if (round >= WARM_UP) {
        times[which]?.push(time)
      }
    }
  }

  return times
}

async function microsecondsADial (node: NoOpNode, addresses: number): Promise<number> {
  const round = targets(DIALS_A_ROUND, addresses)
  await nextTurn()
  const begun = performance.now()

  for (const target of round) {
    await node.dial(target)
  }

  return (performance.now() - begun) / round.length * 1_000
}
