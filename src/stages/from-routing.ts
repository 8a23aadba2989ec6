import { source } from '../pipeline/authoring/source.ts'
import { candidate, isOversized } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { onlyMultiaddrs } from '../pipeline/only-multiaddrs.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import { TimeLimit } from '../pipeline/time-limit.ts'
import { LookupSpacing } from './lookup-spacing.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Dial, DialComponents, Stage } from '../pipeline/types.ts'

/** Caps the addresses that are read from an answer: four for each that a source may add, because duplicates are frequent */
const MAX_READS = 1_024

/**
 * Milliseconds for a look-up that libp2p's own dialer would not make. The dial has failed already, and its caller waits: libp2p's reconnect queue
 * has only five places
 */
const LONGEST_EXTRA = 5_000

export interface FromRoutingInit {
  /**
   * When the peer routers are asked:
   *
   * - `always`: at once
   * - `empty`: if no address is known
   * - `exhausted`: if every known address was dropped or has failed, or should have answered a second ago
   * - `stale`: like `exhausted`, but never in a dial whose caller passed addresses, so that its failure is reported at once. Of the peers that
   *   were never connected, the node looks up one in 10 s: a DHT walk meets many peers that are gone
   *
   * @default 'empty'
   */
  when?: 'always' | 'empty' | 'exhausted' | 'stale'
}

const ROUTING_WHEN = oneOf('always', 'empty', 'exhausted', 'stale')

/**
 * Creates a source that asks the node's peer routers. With `exhausted` and `stale`, a peer with known addresses is looked up at most once in 30 s,
 * then in 1 min, 2 min, … 10 min. A connection to the peer or a new address of it resets that.
 *
 * @param init.when when the routers are asked. Default: 'empty'
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromRouting (init: FromRoutingInit = {}): Stage<'target' | 'candidates', 'candidates', 'from-routing'> {
  checkArguments('fromRouting()', arguments, 1)
  checkOptions('fromRouting()', init, { when: ROUTING_WHEN })
  const { when = 'empty' } = init

  return source('from-routing', (dial, above) => lookUp(dial, above.map(({ id }) => id), when), { when: when === 'stale' ? 'exhausted' : when, provenance: 'routing' })
}

async function * lookUp (dial: Dial, known: readonly string[], when: FromRoutingInit['when']): AsyncGenerator<Multiaddr> {
  const { target: { peerId }, node, clock, signal } = dial

  if (peerId == null) {
    return
  }

  const spacing = when === 'exhausted' || when === 'stale' ? nodeState(node, LookupSpacing) : undefined
  const isExtra = spacing != null && known.length > 0
  const reason = isExtra ? await whyNoLookup(dial, peerId, known, when, spacing) : undefined

  if (reason != null) {
    dial.log(reason)
    return
  }

  const limit = isExtra ? new TimeLimit(signal) : undefined
  limit?.start(LONGEST_EXTRA, clock, `No router answered within ${LONGEST_EXTRA} ms`)
  const ended = (found: readonly Multiaddr[]): void => {
    // a caller who aborts early must not delay the next look-up
    if (!signal.aborted) {
      spacing?.ended(peerId.toString(), known, found.flatMap(one => isOversized(one) ? [] : candidate(one, peerId).id))
    }
  }

  try {
    const options = {
      signal: limit?.signal ?? signal,
      onProgress: dial.options.onProgress,
      // without it, a router may answer from its cache, with the addresses that have failed
      ...known.length > 0 ? { useCache: false } : {}
    }
    const { multiaddrs } = await settledOrAborted(node.peerRouting.findPeer(peerId, options), options.signal)
    const found = onlyMultiaddrs(multiaddrs.slice(0, MAX_READS), dial)
    ended(found)
    yield * found
  } catch (err: any) {
    const isOver = limit?.isOver === true

    if (err?.name === 'NotFoundError' || isOver) {
      ended([])
    }

    if (err?.name !== 'NoPeerRoutersError' && !isOver) {
      throw err
    }

    dial.log(isOver ? `was looked up for ${LONGEST_EXTRA / 1_000} s in vain` : 'no peer routers configured')
  } finally {
    limit?.end()

    if (isExtra) {
      spacing.over()
    }
  }
}

/** Returns why a peer with known addresses is not looked up, in words. Undefined: the look-up begins, and `over()` must be called at its end */
async function whyNoLookup (dial: Dial, peerId: PeerId, known: readonly string[], when: FromRoutingInit['when'], spacing: LookupSpacing): Promise<string | undefined> {
  const wait = spacing.waitFor(peerId.toString(), known)

  if (wait > 0) {
    return `was looked up lately, and is again in ${Math.ceil(wait / 1_000)} s at the earliest`
  }

  if (when === 'stale' && (dial.target.multiaddrs.length > 0 || !(await wasConnected(peerId, dial.node, dial.signal) || spacing.admitsUnknownPeer()))) {
    return 'is not looked up: its address was given, or it was never connected and another such peer was looked up lately'
  }

  return spacing.begin() ? undefined : 'is not looked up: too many other peers are'
}

/** The key of the peer metadata that this dialer and libp2p's own write after a successful dial */
const SUCCESS = 'last-dial-success'

/**
 * Resolves to whether the node was ever connected to a peer. The peer store records successful dials, and the protocols of every peer that has
 * identified itself. Rejects only with the reason of the signal
 */
async function wasConnected (peerId: PeerId, { peerStore }: DialComponents, signal: AbortSignal): Promise<boolean> {
  try {
    const { metadata, protocols } = await peerStore.get(peerId, { signal })

    return metadata.has(SUCCESS) || protocols.length > 0
  } catch {
    signal.throwIfAborted()

    return false
  }
}
