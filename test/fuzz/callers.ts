import type { DialSpec } from './script.ts'
import type { FuzzClock } from './fuzz-clock.ts'
import type { Caller } from '../../src/dialer/dials/caller.ts'
import type { PendingDial } from '../../src/dialer/dials/pending-dial.ts'
import type { DialEngine } from '../../src/dialer/dial-engine.ts'
import type { DialPipeline, DialPipelineOptions } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** A caller: its dial, the events that it received, and the result */
export interface CallRecord {
  spec: DialSpec
  options: DialPipelineOptions
  controller?: AbortController
  at: number
  abortedAt?: number
  /** The number of times that each event was received */
  heard: Map<object, number>
  /** The dials that the caller has waited for, each with the time at which it joined */
  entries: Map<PendingDial, number>
  isJoin: boolean
  joinedRunning: boolean
  result?: PromiseSettledResult<Connection>
  settledAt?: number
  threw?: unknown
}

/** Returns when each dial began that a caller has waited for, as the caller sees it */
export function beginsOf ({ entries }: CallRecord): number[] {
  return [...entries].flatMap(([{ run }, at]) => run == null ? [] : Math.max(at, run.startedAt))
}

export interface CallHooks {
  pipelines: Record<DialSpec['pipeline'], DialPipeline>
  onEvent (): void
  onSettled (): void
  react (call: CallRecord): void
}

/** All callers of a case */
export class Callers {
  readonly calls: CallRecord[] = []
  readonly #engine: DialEngine
  readonly #clock: FuzzClock
  readonly #hooks: CallHooks
  #isOver = false

  constructor (engine: DialEngine, clock: FuzzClock, hooks: CallHooks) {
    this.#engine = engine
    this.#clock = clock
    this.#hooks = hooks
    const { dials } = engine
    const add = dials.add.bind(dials)
    dials.add = (dial, caller) => {
      this.#noteEntry(dial, caller)
      add(dial, caller)
    }
  }

  dial (spec: DialSpec): void {
    const controller = spec.signal === 'none' ? undefined : new AbortController()
    const options: DialPipelineOptions = {
      ...spec.options,
      ...controller == null ? {} : { signal: controller.signal },
      ...spec.pipeline === 'own' ? {} : { pipeline: this.#hooks.pipelines[spec.pipeline] },
      onProgress: (event: any) => { this.#hear(call, event) }
    }
    const call: CallRecord = { spec, options, controller, at: this.#clock.now(), heard: new Map(), entries: new Map(), isJoin: false, joinedRunning: false }
    this.calls.push(call)

    if (spec.signal === 'aborted') {
      this.abort(call)
    }

    try {
      this.#engine.dial(spec.target, options).then(
        value => { this.#settle(call, { status: 'fulfilled', value }) },
        reason => { this.#settle(call, { status: 'rejected', reason }) }
      )
    } catch (err) {
      call.threw = err
    }
  }

  abort (call: CallRecord): void {
    if (call.controller?.signal.aborted === false) {
      call.abortedAt = this.#clock.now()
      call.controller.abort(call.spec.reason)
    }
  }

  /** Aborts every caller that has a signal, including callers that dial because of that. From now on listeners do not act */
  leaveAll (): void {
    this.#isOver = true

    for (const call of this.calls) {
      this.abort(call)
    }
  }

  /** Records that a caller joins a dial. The caller of a relay does not count. The options may be a copy, so the listener identifies the caller */
  #noteEntry (dial: PendingDial, { options: { onProgress }, madeFor }: Caller): void {
    const call = madeFor == null ? this.calls.findLast(({ options }) => options.onProgress === onProgress) : undefined

    if (call != null) {
      call.joinedRunning ||= call.entries.size === 0 && dial.run != null
      call.entries.set(dial, this.#clock.now())
    }
  }

  #settle (call: CallRecord, result: PromiseSettledResult<Connection>): void {
    call.result = result
    call.settledAt = this.#clock.now()
    this.#hooks.onSettled()
  }

  #hear (call: CallRecord, event: { type: string }): void {
    call.heard.set(event, (call.heard.get(event) ?? 0) + 1)

    if (event.type === 'dial-queue:already-in-dial-queue') {
      call.isJoin = true
    }

    this.#hooks.onEvent()

    if (!this.#isOver && call.heard.size === (call.spec.reaction?.nth ?? -1) + 1) {
      this.#hooks.react(call)
    }
  }
}
