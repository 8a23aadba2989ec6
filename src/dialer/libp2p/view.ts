import type { Dialing } from '../dials/dialing.ts'
import type { Engine } from '../engine.ts'
import type { DialOutcome } from '../dials/dial-register.ts'
import type { PeerId } from '@libp2p/interface'

/** What the connection manager reads of a dial queue's jobs */
export interface JobView {
  id: string
  status: 'queued' | 'running' | 'errored' | 'complete'
  options: { peerId?: PeerId, multiaddrs: Iterable<string>, priority?: number }
  abort (reason: Error): void
}

/** A dial as a job of libp2p's queue, with what is known of it by now */
export class DialJob implements JobView {
  readonly id: string
  readonly #dial: Dialing
  readonly #engine: Engine
  #controller?: AbortController
  #outcome?: 'errored' | 'complete'

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
    return this.#outcome ?? (this.#dial.run == null ? 'queued' : 'running')
  }

  get options (): JobView['options'] & { priority: number, signal?: AbortSignal, onProgress?: (event: any) => void } {
    const { requested, multiaddrs, run, priority, options: { signal, onProgress } } = this.#dial

    return {
      peerId: requested.peerId,
      priority,
      multiaddrs: new Set([...multiaddrs.map(String), ...run?.story.addresses.keys() ?? []]),
      signal,
      onProgress
    }
  }

  abort (reason?: unknown): void {
    this.controller.abort(reason)
  }

  end (outcome: DialOutcome): void {
    this.#outcome = 'connection' in outcome ? 'complete' : 'errored'
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
