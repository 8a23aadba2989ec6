import { CustomProgressEvent } from 'progress-events'
import { noteClosed } from './closed-in-dial.ts'
import { DialRun } from './dial-run.ts'
import type { Caller } from './caller.ts'
import type { DialNode } from './dial-run.ts'
import type { ParsedTarget } from './target.ts'
import type { Made } from '../pipeline/run.ts'
import type { DialPipelineOptions } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface DialingInit {
  id: string
  /** What the first caller asked for */
  requested: ParsedTarget
  /** Dials that mean the same can be joined */
  meaning: string
  options: DialPipelineOptions
  pipeline: Made
}

/** One dial, for all callers who asked for it. While it waits it is no more than this record */
export class Dialing {
  readonly id: string
  /** What all callers together asked for */
  readonly requested: ParsedTarget
  readonly meaning: string
  readonly options: DialPipelineOptions
  readonly pipeline: Made
  readonly callers = new Set<Caller>()
  priority: number
  /** Since it runs */
  run?: DialRun
  #isCharged = false

  constructor ({ id, requested, meaning, options, pipeline }: DialingInit) {
    this.id = id
    this.requested = requested.lean()
    this.meaning = meaning
    this.options = options
    this.pipeline = pipeline
    this.priority = options.priority ?? 50
  }

  /** Adds what a joining caller brings. Its addresses enter the running dial at once */
  grow ({ multiaddrs }: ParsedTarget): void {
    this.requested.multiaddrs.push(...multiaddrs)
    this.run?.target.add(multiaddrs)
  }

  /** A transport asks for it, in an attempt that holds a slot: from now on it takes none of its own */
  charge (): void {
    this.#isCharged = true
    this.run?.charge()
  }

  /** Never rejects; ends when the pipeline has */
  async begin (node: DialNode, onConnected: (connection: Connection) => void): Promise<void> {
    this.run = new DialRun(node, this)

    if (this.#isCharged) {
      this.run.charge()
    }

    this.progress(new CustomProgressEvent('dial-queue:start-dial'))
    await this.run.run(onConnected)

    if (this.run.error != null) {
      noteClosed(this.run.error)
      this.#rejectAll(this.run.error)
    }
  }

  /** Ends the dial; whoever still waits is told the reason */
  end (reason: unknown): void {
    this.#rejectAll(reason)
    this.run?.end(reason)
  }

  progress (event: unknown): void {
    this.callers.forEach(caller => { caller.progress(event) })
  }

  #rejectAll (reason: unknown): void {
    this.callers.forEach(caller => { caller.reject(reason) })
    this.callers.clear()
  }
}
