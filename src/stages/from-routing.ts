import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { source } from '../pipeline/authoring/source.ts'
import { candidate, isOversized } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { onlyMultiaddrs } from '../pipeline/only-multiaddrs.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import { LookupSpacing } from './lookup-spacing.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ClearableSignal } from 'any-signal'
import type { Clock } from '../pipeline/clock.ts'
import type { Dial, DialComponents, Stage } from '../pipeline/types.ts'

/** How many addresses of an answer are read: four for each that a source may add, as copies are frequent */
const MAX_READS = 1_024

/**
 * Milliseconds that a look-up may take which libp2p would not make: the dial has failed, and whoever waits for it, as libp2p's reconnect
 * queue with five places, does nothing else
 */
const LONGEST_EXTRA = 5_000

export interface FromRoutingInit {
  /**
   * When the routers are asked:
   *
   * - `always`: at once
   * - `empty`: when no address is known
   * - `exhausted`: when every known address has been dropped or has failed
   * - `stale`: the same, in a dial that was given no address. A caller who names one is told at once that it failed. Of peers
   *   that were never connected, one in 10 s is looked up in the whole node: a walk through a DHT meets many that are gone
   *
   * @default 'empty'
   */
  when?: 'always' | 'empty' | 'exhausted' | 'stale'
}

const ROUTING_WHEN = oneOf('always', 'empty', 'exhausted', 'stale')

/**
 * Asks the node's peer routers. With `exhausted` and `stale`, a peer of which addresses are known is looked up once in 30 s,
 * then in 1 min, 2 min, … 10 min, until it is connected or a new address of it is known.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function fromRouting (init: FromRoutingInit = {}): Stage<'target' | 'candidates', 'candidates', 'from-routing'> {
  checkArguments('fromRouting()', arguments, 1)
  checkOptions('fromRouting()', init, { when: ROUTING_WHEN })
  const { when = 'empty' } = init

  return source('from-routing', async function * (dial, above) {
    const { target: { peerId }, node: components } = dial

    if (peerId == null) {
      return
    }

    const peer = peerId.toString()
    const known = above.map(({ id }) => id)

    const spacing = when === 'exhausted' || when === 'stale' ? nodeState(components, LookupSpacing) : undefined
    const wait = spacing?.waitFor(peer, known) ?? 0

    if (wait > 0) {
      dial.log('was looked up lately, and is again in %d s at the earliest', Math.ceil(wait / 1_000))
      return
    }

    if (when === 'stale' && known.length > 0 && !await isWorthIt(dial)) {
      dial.log('is not looked up: its address was given, or it was never connected and another such peer was looked up lately')
      return
    }

    const isExtra = spacing != null && known.length > 0

    if (isExtra && !spacing.begin()) {
      dial.log('is not looked up: too many other peers are')
      return
    }

    const { clock, signal } = dial
    const ended = (found: readonly Multiaddr[]): void => {
      // a caller who leaves early keeps no other from looking
      if (!signal.aborted) {
        spacing?.ended(peer, known, found.flatMap(one => isOversized(one) ? [] : candidate(one, peerId).id))
      }
    }

    const limit = isExtra ? new TimeLimit(LONGEST_EXTRA, clock, signal) : undefined

    try {
      const options = {
        signal: limit?.signal ?? signal,
        onProgress: dial.options.onProgress,
        // or a router answers what it knows itself, which is what has failed
        ...known.length > 0 ? { useCache: false } : {}
      }
      const { multiaddrs } = await settledOrAborted(components.peerRouting.findPeer(peerId, options), options.signal)
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

      if (limit?.isOver === true) {
        ended([])
        dial.log('was looked up for %d s in vain', LONGEST_EXTRA / 1_000)
        return
      }

      throw err
    } finally {
      limit?.end()

      if (isExtra) {
        spacing.over()
      }
    }
  }, { when: when === 'stale' ? 'exhausted' : when, provenance: 'routing' })
}

async function isWorthIt ({ target: { peerId, multiaddrs }, node: components, signal }: Dial): Promise<boolean> {
  return peerId != null && multiaddrs.length === 0 && (await wasConnected(peerId, components, signal) || nodeState(components, LookupSpacing).admitsStranger())
}

/** A signal that aborts with another one, and when some time is over. Must be ended */
export class TimeLimit {
  readonly signal: ClearableSignal
  readonly #controller = new AbortController()
  readonly #cancel: () => void

  constructor (ms: number, clock: Clock, outer: AbortSignal) {
    this.signal = anySignal([outer, this.#controller.signal])
    this.#cancel = clock.setTimeout(() => { this.#controller.abort(new TimeoutError(`It took longer than ${ms} ms`)) }, ms)
  }

  /** Whether the time was over before anything else ended it */
  get isOver (): boolean {
    return this.#controller.signal.aborted
  }

  end (): void {
    this.#cancel()
    this.signal.clear()
  }
}

/** Kept by the dialer, as by libp2p's own, in the metadata of a peer */
const SUCCESS = 'last-dial-success'

/**
 * Resolves to whether the node was connected to a peer: the peer store says so of a dial that succeeded, and has the protocols of a
 * peer that has identified itself, whoever dialled. Never rejects but with the signal's reason
 */
export async function wasConnected (peerId: PeerId, { peerStore }: DialComponents, signal: AbortSignal): Promise<boolean> {
  try {
    const { metadata, protocols } = await peerStore.get(peerId, { signal })

    return metadata.has(SUCCESS) || protocols.length > 0
  } catch {
    signal.throwIfAborted()

    return false
  }
}
