import { candidate } from '../pipeline/candidate.ts'
import { checkOptions } from '../pipeline/check-options.ts'
import { onlyMultiaddrs } from '../pipeline/only-multiaddrs.ts'
import { isOversized } from '../pipeline/oversized.ts'
import { settledOrAborted } from '../pipeline/settled-or-aborted.ts'
import { source, WHEN } from '../pipeline/source.ts'
import { lookupSpacingOf } from './lookup-spacing.ts'
import type { SourceOptions } from '../pipeline/source.ts'
import type { StageInit } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How many addresses of an answer are read: four for each that a source may add, as copies are frequent */
const MAX_READS = 1_024

/** Milliseconds after which a look-up counts although nobody waited for its end */
const LONG = 5_000

/**
 * Asks the node's peer routers. `when` says at what point: `always` at once, `empty` when nothing is known, `exhausted` when
 * everything that is known has been dropped or has failed. With `exhausted`, a peer of which addresses are known is looked up
 * once in 30 s, then in 1 min, 2 min, … 10 min, until it is connected or a new address of it is known.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromRouting (init: Pick<SourceOptions, 'when'> = {}): StageInit<'target' | 'candidates', 'candidates', 'from-routing'> {
  checkOptions('fromRouting()', init, { when: WHEN })
  const { when = 'empty' } = init

  return source('from-routing', async function * (dial, components, above) {
    const { peerId } = dial.target

    if (peerId == null) {
      return
    }

    const peer = peerId.toString()
    const known = above.map(({ id }) => id)
    const spacing = when === 'exhausted' ? lookupSpacingOf(components) : undefined
    const wait = spacing?.waitFor(peer, known) ?? 0

    if (wait > 0) {
      dial.log('was looked up lately, and is again in %d s at the earliest', Math.ceil(wait / 1_000))
      return
    }

    const { clock, signal } = dial
    const begun = clock.now()
    const ended = (found: readonly Multiaddr[]): void => {
      // a caller who leaves early keeps no other from looking
      if (!signal.aborted || clock.now() - begun >= LONG) {
        spacing?.ended(peer, known, found.flatMap(one => isOversized(one) ? [] : candidate(one, peerId).id))
      }
    }

    try {
      const { multiaddrs } = await settledOrAborted(components.peerRouting.findPeer(peerId, { signal }), signal)
      const found = [...onlyMultiaddrs(multiaddrs.slice(0, MAX_READS), dial)]
      ended(found)
      yield * found
    } catch (err: any) {
      if (err?.name === 'NotFoundError' || signal.aborted) {
        ended([])
      }

      if (err?.name === 'NoPeerRoutersError') {
        dial.log('no peer routers configured')
        return
      }

      throw err
    }
  }, { when, provenance: 'routing' })
}
