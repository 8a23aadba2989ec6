import type { Bench } from './bench.ts'
import type { Trial } from './trial.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Runs a stage through a typical dial: two addresses, then all of them, then a failure, and at last the last call */
export async function live ({ candidates, from }: Bench, trial: Trial): Promise<void> {
  const [first, second, ...others] = candidates as readonly [Candidate, Candidate, ...Candidate[]]

  if (from === 'connections') {
    trial.upstream.give(await connectionTo(trial, first))
    await trial.pass(100)
    trial.upstream.give(await connectionTo(trial, second))
    await trial.rest()
    return
  }

  trial.script(candidates, { connects: 500 })
  trial.script([first, second], { refuses: 50 })
  trial.give({ candidates: [first, second], complete: false })
  await trial.pass(1_000)
  trial.give({ candidates: [...others, first, second] })
  await trial.rest()
  trial.target.raise()
  await trial.rest()
  trial.lastCall()
  await trial.rest()
}

/** Ways to start before the full list arrives: with no list, or with the first candidate alone, 100 ms earlier */
export const PRELUDES: ReadonlyArray<(bench: Bench, trial: Trial) => Promise<void>> = [
  async () => {},
  async ({ three: [first] }, trial) => {
    trial.give({ candidates: [first], complete: false })
    await trial.pass(100)
  }
]

/** Opens a connection, such as a race yields */
export async function connectionTo (trial: Trial, candidate: Candidate): Promise<Connection> {
  trial.script([candidate], { connects: 0 })
  const connection = trial.network.dial(candidate.multiaddr, {})
  await trial.pass(0)

  return Object.assign(await connection, trial.connectionProperties)
}
