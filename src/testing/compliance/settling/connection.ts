import type { Trial } from '../trial.ts'
import type { Candidate } from '../../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** An open connection, as a race yields it */
export async function connectionTo (trial: Trial, candidate?: Candidate): Promise<Connection> {
  if (candidate == null) {
    throw new Error('There is no candidate to be connected to')
  }

  trial.script([candidate], { connects: 0 })
  const connection = trial.network.dial(candidate.multiaddr, {})
  await trial.pass(0)

  return connection
}
