import { EVENT_TYPES } from './types.ts'
import type { AttemptStartDetail, DialerEvents } from './types.ts'
import type { AttemptEnd, DialObserver, ObservedAttempt, ObservedDial } from '../../metrics/observer.ts'
import type { ConnectionChange } from '../../pipeline/convergence.ts'
import type { Drop } from '../../pipeline/runtime/story.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { Clock } from '../../pipeline/clock.ts'

type Detail<K extends keyof DialerEvents> = DialerEvents[K]['detail']

/** The part of a `diagnostics_channel` that the dialer uses */
interface Channel {
  readonly hasSubscribers: boolean
  publish (message: unknown): void
}

interface Runtime {
  readonly process?: { getBuiltinModule? (name: string): { channel (name: string): Channel } | undefined }
}

/** The target that dispatches the events */
export interface EventsTarget {
  listenerCount (type: string): number
  safeDispatchEvent<K extends keyof DialerEvents> (type: K, init: { detail: Detail<K> }): boolean
}

/** Dispatches the events of a dialer to its listeners and to `node:diagnostics_channel`. Makes the detail of an event once, and only if somebody listens */
export class DialEvents implements DialObserver {
  /** The channels of `node:diagnostics_channel`. Empty where there is no such module */
  readonly channels: readonly Channel[]
  readonly #target: EventsTarget
  readonly #node: string
  readonly #clock: Clock
  /** The channels by event type: that of `dial:end` is `libp2p:dial-pipeline:dial:end`. Empty in browsers, and in Node.js before 22.3 */
  readonly #byType: ReadonlyMap<string, Channel>
  /** The details of `attempt:start`. Kept for `attempt:end`: the dials of a cancelled attempt have left it by then */
  readonly #starts = new WeakMap<ObservedAttempt, AttemptStartDetail>()

  /** @param node the peer id of the node as a string, because all nodes of a process share the channels */
  constructor (target: EventsTarget, node: string, clock: Clock) {
    this.#target = target
    this.#node = node
    this.#clock = clock
    const channels = (globalThis as Runtime).process?.getBuiltinModule?.('node:diagnostics_channel')
    this.#byType = new Map(channels == null ? [] : EVENT_TYPES.map(type => [type, channels.channel(`libp2p:dial-pipeline:${type}`)]))
    this.channels = [...this.#byType.values()]
  }

  dispatch<K extends keyof DialerEvents> (type: K, detail: Detail<K>): void {
    const channel = this.#byType.get(type)
    this.#target.safeDispatchEvent(type, { detail })

    if (channel?.hasSubscribers === true) {
      channel.publish({ node: this.#node, detail })
    }
  }

  dialStarted (dial: ObservedDial): void {
    this.#emit('dial:start', () => ({ id: dial.id, ...peerOf(dial), addresses: dial.multiaddrs.map(String), pipeline: dial.pipeline.name, at: this.#clock.now() }))
  }

  dialEnded (dial: ObservedDial): void {
    this.#emit('dial:end', () => dial.trace)
  }

  attemptStarted (attempt: ObservedAttempt, at: number): void {
    if (this.#isHeard('attempt:start') || this.#isHeard('attempt:end')) {
      const start = startOf(attempt, at)
      this.#starts.set(attempt, start)
      this.#emit('attempt:start', () => start)
    }
  }

  attemptEnded (attempt: ObservedAttempt, { outcome, startedAt, firstResponseAt, endedAt, error }: AttemptEnd): void {
    this.#emit('attempt:end', () => ({
      ...this.#starts.get(attempt) ?? startOf(attempt, startedAt),
      ...firstResponseAt == null ? {} : { firstResponseAt },
      endedAt,
      outcome,
      ...error == null ? {} : { error: { name: error.name, message: error.message } }
    }))
  }

  addressDropped (dial: ObservedDial, { id }: Candidate, { stage, reason }: Drop & { readonly stage: string }): void {
    this.#emit('address:dropped', () => ({ dial: dial.id, ...peerOf(dial), address: id, stage, reason, at: this.#clock.now() }))
  }

  preferredChanged (change: ConnectionChange): void {
    this.dispatch('connection:preferred', change)
  }

  connectionAdded (change: ConnectionChange): void {
    this.dispatch('connection:additional', change)
  }

  #isHeard (type: keyof DialerEvents): boolean {
    return this.#target.listenerCount(type) > 0 || this.#byType.get(type)?.hasSubscribers === true
  }

  /** Dispatches in a microtask, after the dialer has finished its step: a listener may dial, or stop the node */
  #emit<K extends keyof DialerEvents> (type: K, make: () => Detail<K>): void {
    if (this.#isHeard(type)) {
      const detail = make()
      queueMicrotask(() => { this.dispatch(type, detail) })
    }
  }
}

function startOf ({ candidate: { id, facts }, dials }: ObservedAttempt, at: number): AttemptStartDetail {
  return { dials: Array.from(dials, dial => dial.id), address: id, ...facts.peer == null ? {} : { peer: facts.peer }, transport: facts.transport, at }
}

function peerOf ({ requested: { peer } }: ObservedDial): { peer?: string } {
  return peer == null ? {} : { peer }
}
