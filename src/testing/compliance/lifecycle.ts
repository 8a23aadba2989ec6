import type { Harness } from './harness.ts'
import type { StageRun } from './stage-run.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Runs a stage through a typical dial: two addresses, then all of them, then a failure, and at last the last call */
export async function runLifecycle ({ candidates, from }: Harness, run: StageRun): Promise<void> {
  const [first, second, ...others] = candidates as readonly [Candidate, Candidate, ...Candidate[]]

  if (from === 'connections') {
    run.upstream.give(await connectionTo(run, first))
    await run.pass(100)
    run.upstream.give(await connectionTo(run, second))
    await run.rest()
    return
  }

  run.script(candidates, { connects: 500 })
  run.script([first, second], { refuses: 50 })
  run.give({ candidates: [first, second], complete: false })
  await run.pass(1_000)
  run.give({ candidates: [...others, first, second] })
  await run.rest()
  run.target.invalidate()
  await run.rest()
  run.lastCall()
  await run.rest()
}

/** Ways to start before the full list arrives: with no list, or with the first candidate alone, 100 ms earlier */
export const PRELUDES: ReadonlyArray<(harness: Harness, run: StageRun) => Promise<void>> = [
  async () => {},
  async ({ three: [first] }, run) => {
    run.give({ candidates: [first], complete: false })
    await run.pass(100)
  }
]

/** Opens a connection, such as a race yields */
export async function connectionTo (run: StageRun, candidate: Candidate): Promise<Connection> {
  run.script([candidate], { connects: 0 })
  const connection = run.network.dial(candidate.multiaddr, {})
  await run.pass(0)

  return Object.assign(await connection, run.connectionProperties)
}
