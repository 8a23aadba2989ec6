import { NotAsked, onlyMultiaddrs } from '../pipeline/authoring/findings.ts'
import { makeSource } from '../pipeline/authoring/source.ts'
import { candidate, isOversized } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import { TimeLimit } from '../pipeline/time-limit.ts'
import { LookupSpacing } from './lookup-spacing.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate, Dial, DialComponents, Stage } from '../pipeline/types.ts'

/** The maximum number of addresses that are read from an answer: four for each that a source may add, because duplicates are frequent */
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
   * - `exhausted`: if every known address was dropped or has failed, or should have answered a second ago. QUIC and WebRTC-direct
   *   addresses have 5 s
   * - `stale`: like `exhausted`, but never in a dial whose callers all passed addresses, so that its failure is reported at once. Of the peers that
   *   were never connected, the node looks up one in 10 s at most: a DHT walk meets many peers that are gone. After three look-ups in vain, this limit
   *   holds for all peers
   *
   * @default 'empty'
   */
  when?: 'always' | 'empty' | 'exhausted' | 'stale' | undefined
}

const ROUTING_WHEN = oneOf('always', 'empty', 'exhausted', 'stale')

/**
 * Creates a source that asks the node's peer routers. With `exhausted` and `stale`, a peer with known addresses is looked up at most once in 30 s,
 * then in 1 min, 2 min, … 10 min. A connection to the peer, a new address of it, or another network resets that.
 *
 * @param init.when when the routers are asked. Default: 'empty'
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromRouting (init: FromRoutingInit = {}): Stage<'target' | 'candidates', 'candidates', 'from-routing'> {
  checkArguments('fromRouting()', arguments, 1)
  checkOptions('fromRouting()', init, { when: ROUTING_WHEN })
  const { when = 'empty' } = init

  return makeSource('from-routing', [(dial, above) => lookUp(dial, idsOf(above), when)], { when: when === 'stale' ? 'exhausted' : when, provenance: 'routing' }, {
    whyNot: (dial, above) => whyNot(dial, idsOf(above), when)
  })
}

function idsOf (candidates: readonly Candidate[]): string[] {
  return candidates.map(({ id }) => id)
}

/** Returns why the peer is not looked up, as far as that is known without waiting. Undefined: no reason is known */
function whyNot ({ target, node, part }: StageDial, known: readonly string[], when: FromRoutingInit['when']): string | undefined {
  const { peerId } = target

  if (peerId == null) {
    return 'the peer is unknown'
  }

  if (known.length === 0 || (when !== 'exhausted' && when !== 'stale')) {
    return
  }

  if (when === 'stale' && target.multiaddrs.length > 0 && part.host.isOfPeer !== true) {
    return 'the caller passed addresses'
  }

  const wait = nodeState(node, LookupSpacing).waitFor(peerId.toString(), known)

  return wait > 0 ? `the peer was looked up lately. The next look-up is in ${Math.ceil(wait / 1_000)} s at the earliest` : undefined
}

async function * lookUp (dial: Dial, known: readonly string[], when: FromRoutingInit['when']): AsyncGenerator<Multiaddr> {
  const { node, clock, signal } = dial
  // `whyNot()` has checked that there is one
  const peerId = dial.target.peerId as PeerId
  const spacing = when === 'exhausted' || when === 'stale' ? nodeState(node, LookupSpacing) : undefined
  const isExtra = spacing != null && known.length > 0

  if (isExtra) {
    await beginExtra(dial, peerId, when, spacing)
  }

  const limit = isExtra ? new TimeLimit(signal) : undefined
  limit?.start(LONGEST_EXTRA, clock, `No router answered within ${LONGEST_EXTRA} ms`)
  const ended = (found: readonly Multiaddr[]): void => {
    // an aborted look-up has proved nothing, and must not delay the next one
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
    if (err?.name === 'NotFoundError' || limit?.isOver === true) {
      ended([])
    }

    if (limit?.isOver !== true) {
      throw err?.name === 'NoPeerRoutersError' ? new NotAsked('no peer router is configured') : err
    }

    dial.log(`was looked up for ${LONGEST_EXTRA / 1_000} s in vain`)
  } finally {
    limit?.end()

    if (isExtra) {
      spacing.over()
    }
  }
}

/**
 * Begins the look-up of a peer with known addresses. At its end, `spacing.over()` must be called
 *
 * @throws NotAsked with the reason not to begin
 */
async function beginExtra (dial: Dial, peerId: PeerId, when: FromRoutingInit['when'], spacing: LookupSpacing): Promise<void> {
  if (when === 'stale') {
    const isKnown = await wasConnected(peerId, dial.node, dial.signal)

    if (!spacing.admits(isKnown)) {
      throw new NotAsked(isKnown ? 'the last look-ups found nothing, and another peer was looked up lately' : 'the peer was never connected, and another such peer was looked up lately')
    }
  }

  if (!spacing.begin()) {
    throw new NotAsked('too many other peers are looked up')
  }
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
