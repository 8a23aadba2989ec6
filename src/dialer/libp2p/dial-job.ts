import { multiaddr } from '@multiformats/multiaddr'
import type { DialEngine } from '../dial-engine.ts'
import type { DialOutcome } from '../dials/dial-register.ts'
import type { PendingDial } from '../dials/pending-dial.ts'
import type { JobView } from './stock-queue.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** A caller of a job */
type Recipient = Pick<DialPipelineOptions, 'signal' | 'onProgress'>

/** Shows a dial as a job of libp2p's queue */
export class DialJob implements JobView {
  readonly id: string
  readonly options: JobOptions
  readonly #dial: PendingDial
  readonly #engine: DialEngine
  #controller?: AbortController
  #outcome?: 'errored' | 'complete'
  #endedAt?: number

  constructor (dial: PendingDial, engine: DialEngine) {
    this.id = dial.id
    this.options = new JobOptions(dial)
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

  get callerCount (): number {
    return this.#dial.callerCount
  }

  get recipients (): Recipient[] {
    return Array.from(this.#dial.callers, ({ options: { signal, onProgress } }) => ({ signal, onProgress }))
  }

  /** Milliseconds since the epoch */
  get timeline (): { created?: number, started?: number, finished?: number } {
    const { callerStories: [first], run } = this.#dial

    return { created: first?.at, started: run?.startedAt, finished: this.#endedAt }
  }

  join (options: Recipient & { priority?: number } = {}): Promise<Connection> {
    const { requested: { multiaddrs, peerId }, options: own } = this.#dial
    const { signal, onProgress, priority = own.priority } = options

    return this.#engine.dial(multiaddrs.length > 0 || peerId == null ? multiaddrs : peerId, { ...own, signal, onProgress, priority })
  }

  abort (reason?: unknown): void {
    this.controller.abort(reason)
  }

  end (outcome: DialOutcome): void {
    this.#outcome = 'connection' in outcome ? 'complete' : 'errored'
    this.#endedAt = this.#engine.components.clock.now()
  }
}

/** The options of a job. Each is computed when it is read: the queue is sorted at each read, and thousands of dials may wait */
class JobOptions {
  readonly #dial: PendingDial

  constructor (dial: PendingDial) {
    this.#dial = dial
  }

  get priority (): number { return this.#dial.priority }
  get signal (): AbortSignal | undefined { return this.#dial.options.signal }
  get onProgress (): ((event: any) => void) | undefined { return this.#dial.options.onProgress }

  get peerId (): PeerId | undefined {
    const { requested, run } = this.#dial
    const { peerId } = requested

    if (run == null) {
      requested.shrink()
    }

    return peerId
  }

  /** The current addresses as text. Libp2p parses each again, so an address whose text is not a multiaddr is left out */
  get multiaddrs (): Set<string> {
    const { multiaddrs, run } = this.#dial
    const found = Array.from(run?.story.addresses.values() ?? [], ({ candidate }) => candidate.multiaddr)

    return new Set([...new Set([...multiaddrs, ...found].map(String))].filter(isReadable))
  }
}

/** Returns whether the text of an address is a multiaddr again. The name in an address may have a slash, and the stand-in for a too long address is empty */
function isReadable (text: string): boolean {
  try {
    return multiaddr(text).getComponents().length > 0
  } catch {
    return false
  }
}
