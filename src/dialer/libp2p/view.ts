import type { PendingDial } from '../dials/pending-dial.ts'
import type { DialEngine } from '../dial-engine.ts'
import type { DialOutcome } from '../dials/dial-register.ts'
import type { PeerId } from '@libp2p/interface'

/** The members of a dial queue's job that the connection manager reads */
export interface JobView {
  id: string
  status: 'queued' | 'running' | 'errored' | 'complete'
  options: { peerId?: PeerId, multiaddrs: Iterable<string>, priority?: number }
  abort (reason: Error): void
}

/** Shows a dial as a job of libp2p's queue, with its current addresses */
export class DialJob implements JobView {
  readonly id: string
  readonly #dial: PendingDial
  readonly #engine: DialEngine
  #controller?: AbortController
  #outcome?: 'errored' | 'complete'

  constructor (dial: PendingDial, engine: DialEngine) {
    this.id = dial.id
    this.#dial = dial
    this.#engine = engine
  }

  /** Ends the dial when it is aborted. Created on demand, because thousands of dials may wait */
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
