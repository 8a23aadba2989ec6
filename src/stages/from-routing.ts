import { source } from '../pipeline/source.ts'
import type { SourceOptions } from '../pipeline/source.ts'
import type { StageInit } from '../pipeline/types.ts'

/**
 * Asks the node's peer routers. `when` says at what point: `always` at once, `empty` when nothing is known,
 * `exhausted` when everything that is known has been dropped or has failed.
 */
export function fromRouting ({ when = 'empty' }: Pick<SourceOptions, 'when'> = {}): StageInit<'target' | 'candidates', 'candidates', 'from-routing'> {
  return source('from-routing', async function * (dial, { peerRouting }) {
    const { peerId } = dial.target

    if (peerId == null) {
      return
    }

    try {
      yield * (await peerRouting.findPeer(peerId, { signal: dial.signal })).multiaddrs
    } catch (err: any) {
      if (err?.name === 'NoPeerRoutersError') {
        dial.log('no peer routers configured')
        return
      }

      throw err
    }
  }, { when, provenance: 'routing' })
}
