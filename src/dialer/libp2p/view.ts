import type { Dialing } from '../dials/dialing.ts'
import type { Engine } from '../engine.ts'
import type { DialOutcome } from '../dials/engine-events.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** What the connection manager reads of a dial queue's jobs */
export interface JobView {
  id: string
  status: 'queued' | 'running' | 'errored' | 'complete'
  options: { peerId?: PeerId, multiaddrs: Iterable<string>, priority?: number }
  abort (reason: Error): void
}

/** One who waits for a job */
export interface RecipientView {
  readonly signal?: AbortSignal
  readonly onProgress?: (event: any) => void
  readonly deferred: { readonly promise: Promise<Connection> }
}

/** Milliseconds since the epoch */
export interface JobTimelineView {
  readonly created: number
  started?: number
  finished?: number
}

/** A dial as a job of libp2p's queue, with what is known of it by now */
export class DialJob implements JobView {
  readonly id: string
  readonly #dial: Dialing
  readonly #engine: Engine
  #controller?: AbortController
  #end?: { readonly status: 'errored' | 'complete', readonly at: number }

  constructor (dial: Dialing, engine: Engine) {
    this.id = dial.id
    this.#dial = dial
    this.#engine = engine
  }

  /** Aborting it ends the dial. Made for whoever asks: thousands of dials may wait */
  get controller (): AbortController {
    if (this.#controller == null) {
      const { signal } = this.#controller = new AbortController()
      signal.addEventListener('abort', () => { this.#engine.abort(this.#dial, signal.reason) }, { once: true })
    }

    return this.#controller
  }

  get status (): JobView['status'] {
    return this.#end?.status ?? (this.#dial.run == null ? 'queued' : 'running')
  }

  get options (): JobView['options'] & { priority: number, signal?: AbortSignal, onProgress?: (event: any) => void } {
    const { requested, run, priority, options: { signal, onProgress } } = this.#dial

    return {
      peerId: requested.peerId,
      priority,
      multiaddrs: new Set([...requested.multiaddrs.map(String), ...run?.story.addresses.keys() ?? []]),
      signal,
      onProgress
    }
  }

  get recipients (): RecipientView[] {
    return Array.from(this.#dial.callers, ({ promise, options: { signal, onProgress } }) => ({ signal, onProgress, deferred: { promise } }))
  }

  get timeline (): JobTimelineView {
    const { createdAt, run } = this.#dial

    return { created: createdAt, started: run?.startedAt, finished: this.#end?.at }
  }

  abort (reason?: unknown): void {
    this.controller.abort(reason)
  }

  /** The dial has an outcome */
  end (outcome: DialOutcome, at: number): void {
    this.#end = { status: 'connection' in outcome ? 'complete' : 'errored', at }
  }
}

const jobs = new WeakMap<Dialing, DialJob>()

/** The pending dials as jobs of a dial queue */
export function viewOf (engine: Engine): DialJob[] {
  return Array.from(engine.dials.pending, dial => jobOf(dial, engine))
}

/** The job of a dial, always the same one */
export function jobOf (dial: Dialing, engine: Engine): DialJob {
  const job = knownJobOf(dial) ?? new DialJob(dial, engine)
  jobs.set(dial, job)

  return job
}

/** The job of a dial that somebody has looked at */
export function knownJobOf (dial: Dialing): DialJob | undefined {
  return jobs.get(dial)
}
