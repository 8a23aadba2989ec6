import { AbortError, DialError } from '@libp2p/interface'
import { CustomProgressEvent } from 'progress-events'
import { checkOptions, isStageOption } from '../pipeline/options.ts'
import { make } from '../pipeline/run.ts'
import { Attempts } from './attempts.ts'
import { Caller } from './caller.ts'
import { Dialing } from './dialing.ts'
import { findExisting } from './existing.ts'
import { Joins } from './joins.ts'
import { isNested } from './nested.ts'
import { Slots } from './slots.ts'
import { parseTarget } from './target.ts'
import { Waiting } from './waiting.ts'
import type { NodeSettings } from './settings.ts'
import type { SlotsInit } from './slots.ts'
import type { ParsedTarget } from './target.ts'
import type { Made } from '../pipeline/run.ts'
import type { AnyStageInit, DialComponents, DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { Connection, DialTarget, Logger } from '@libp2p/interface'

/** What the engine tells whoever listens */
export interface EngineEvents {
  /** A dial has yielded a connection; `previous` is the one that it yielded before */
  onConnected (dial: Dialing, connection: Connection, previous?: Connection): void
  onEnded (dial: Dialing): void
}

/** The dials of a node: who joins whom, who runs, who waits */
export class Engine {
  readonly components: DialComponents
  readonly attempts: Attempts
  readonly log: Logger
  /** Those that callers wait for, running or waiting, in the order in which they were asked for */
  readonly pending = new Set<Dialing>()
  pipeline: DialPipeline

  readonly #settings: NodeSettings
  readonly #events: EngineEvents
  readonly #joins = new Joins<Dialing>()
  readonly #waiting = new Waiting<Dialing>()
  readonly #made = new WeakMap<AnyStageInit, Made & { id: number }>()
  /** Those whose pipeline has not ended: it may go on after the callers have their connection */
  readonly #running = new Set<Dialing>()
  /** Those that hold one of the node's `maxParallelDials` */
  readonly #parallel = new Set<Dialing>()
  readonly #onIdle = new Set<() => void>()
  #pipelines = 0
  #ids = 0
  #isStopped = false

  constructor (components: DialComponents, settings: NodeSettings, pipeline: DialPipeline, slots: SlotsInit, events: EngineEvents) {
    this.components = components
    this.pipeline = pipeline
    this.attempts = new Attempts(components, new Slots(slots))
    this.log = components.logger.forComponent('libp2p:dial-pipeline')
    this.#settings = settings
    this.#events = events
  }

  get dialTimeout (): number { return this.#settings.dialTimeout }

  /** The pipelines that run, also those whose callers have their connection already */
  get running (): ReadonlySet<Dialing> { return this.#running }

  start (): void {
    this.#isStopped = false
  }

  /** Ends every dial, also those that wait. May be called again, and started again */
  stop (): void {
    this.#isStopped = true

    for (const dial of new Set([...this.pending, ...this.#running])) {
      dial.end(new AbortError('The dialer was stopped'))
      this.#forget(dial)
    }
  }

  /** Resolves when no dial is pending and no pipeline runs */
  async idle (): Promise<void> {
    if (this.pending.size > 0 || this.#running.size > 0) {
      await new Promise<void>(resolve => { this.#onIdle.add(resolve) })
    }
  }

  async dial (target: DialTarget, given: DialPipelineOptions = {}): Promise<Connection> {
    if (this.#isStopped) {
      throw new AbortError('The dialer is stopped')
    }

    const nested = isNested(given)
    const options = nested ? inherited(given) : given
    const parsed = parseTarget(target)
    const pipeline = this.#make(options.pipeline ?? this.pipeline)
    checkOptions(options, pipeline.init)
    options.signal?.throwIfAborted()

    const existing = this.#existing(parsed, options)

    if (existing != null) {
      options.onProgress?.(new CustomProgressEvent('dial-queue:already-connected', existing))
      return existing
    }

    const meaning = meaningOf(options, pipeline.id)
    const joined = this.#joins.find(parsed, meaning)

    if (joined == null && this.pending.size >= this.#settings.maxDialQueueLength) {
      throw new DialError('Dial queue is full')
    }

    const dial = joined ?? new Dialing(this, { id: `${++this.#ids}`, target: { ...parsed, multiaddrs: [] }, meaning, options, pipeline })
    const caller = new Caller(options, caller => { this.leave(dial, caller) })
    caller.progress(new CustomProgressEvent(joined == null ? 'dial-queue:add-to-dial-queue' : 'dial-queue:already-in-dial-queue'))
    dial.add(caller, parsed)
    this.pending.add(dial)
    this.#joins.add(dial, parsed, meaning)

    if (nested) {
      dial.charge()
    }

    this.#schedule(dial, options.priority ?? dial.priority, nested)

    return caller.promise
  }

  /** A caller is gone. When it was the last, the dial ends */
  leave (dial: Dialing, caller: Caller): void {
    dial.callers.delete(caller)

    if (dial.callers.size === 0 && this.pending.has(dial)) {
      this.#forget(dial)
      dial.end(new AbortError('Every caller has left'))
      this.#next()
    }
  }

  /** Whether a pipeline goes on after its first connection: its last stage looks at connections */
  lingers (init: AnyStageInit): boolean {
    const stages = 'stages' in init ? init.stages as AnyStageInit[] : [init]

    return stages.at(-1)?.accepts.connections === true
  }

  /** A dial made for another does not wait: the other holds the place that it would wait for */
  #schedule (dial: Dialing, priority: number, nested: boolean): void {
    if (dial.startedAt != null) {
      dial.priority = Math.max(dial.priority, priority)
      return
    }

    this.#waiting.delete(dial)
    dial.priority = Math.max(dial.priority, priority)

    if (nested) {
      this.#run(dial)
    } else {
      this.#waiting.add(dial)
      this.#next()
    }
  }

  #next (): void {
    while (this.#parallel.size < this.#settings.maxParallelDials) {
      const dial = this.#waiting.shift()

      if (dial == null) {
        return
      }

      this.#parallel.add(dial)
      this.#run(dial)
    }
  }

  #run (dial: Dialing): void {
    const existing = this.#existing(dial.requested, dial.options)

    if (existing != null) {
      this.#connected(dial, existing)
      return
    }

    this.#running.add(dial)

    void dial.run((connection, previous) => {
      if (previous == null) {
        this.#connected(dial, connection)
      }

      this.#events.onConnected(dial, connection, previous)
    }).then(() => {
      this.#running.delete(dial)
      this.#forget(dial)
      this.#events.onEnded(dial)
      this.#next()
    })
  }

  #connected (dial: Dialing, connection: Connection): void {
    const callers = [...dial.callers]
    dial.callers.clear()
    this.#forget(dial)

    if (callers.length === 0) {
      this.attempts.discard(connection)
    }

    callers.forEach(caller => { caller.resolve(connection) })
    this.#next()
  }

  #forget (dial: Dialing): void {
    this.pending.delete(dial)
    this.#parallel.delete(dial)
    this.#waiting.delete(dial)
    this.#joins.delete(dial, dial.requested, dial.meaning)

    if (this.pending.size === 0 && this.#running.size === 0) {
      this.#onIdle.forEach(resolve => { resolve() })
      this.#onIdle.clear()
    }
  }

  #existing ({ peerId, multiaddrs }: ParsedTarget, { force }: DialPipelineOptions): Connection | undefined {
    return peerId == null || force === true ? undefined : findExisting(this.components.connectionManager.getConnections(peerId), multiaddrs)
  }

  /** A pipeline is made once a node, also one that is passed per dial */
  #make (init: AnyStageInit): Made & { id: number } {
    const made = this.#made.get(init) ?? { ...make(init, this.components), id: ++this.#pipelines }
    this.#made.set(init, made)

    return made
  }
}

/** What of a transport's options a dial made for another takes over. What the first accepts says nothing about a relay */
function inherited ({ signal, priority, onProgress, ...rest }: DialPipelineOptions): DialPipelineOptions {
  return { signal, priority, onProgress, ...('trace' in rest ? { trace: rest.trace } : {}) }
}

/** Dials of the same peer are one dial if they mean the same */
function meaningOf (options: DialPipelineOptions, pipeline: number): string {
  const own = Object.entries(options).filter(([name, value]) => value !== undefined && isStageOption(name))

  return `${pipeline}${options.force === true ? ' force' : ''}${options.initiator === false ? ' responder' : ''}${own.length === 0 ? '' : ` ${JSON.stringify(own)}`}`
}
