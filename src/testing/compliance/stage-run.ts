import { AbortError } from '@libp2p/interface'
import { isPipelineFault } from '../../pipeline/errors.ts'
import { belowStagesOf, connect, listStagesOf } from '../../pipeline/runtime/connect.ts'
import { Lists } from '../../pipeline/runtime/lists.ts'
import { prepare } from '../../pipeline/runtime/make-stage.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { runBelow } from '../../pipeline/runtime/run-below.ts'
import { StageDial } from '../../pipeline/runtime/stage-dial.ts'
import { scriptedComponents } from '../scripted-components.ts'
import { ScriptedNetwork } from '../scripted-network.ts'
import { settled, VirtualClock } from '../virtual-clock.ts'
import { checkPlain } from './check-fixture.ts'
import { Listeners } from './listeners.ts'
import { InputList } from './input-list.ts'
import { violationOf } from './violation.ts'
import { PEER, SELF } from './samples.ts'
import { StageRunHost } from './stage-run-host.ts'
import { Upstream } from './upstream.ts'
import { watchedOptions } from './watched-options.ts'
import { WatchedTarget } from './watched-target.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { RaceCall } from '../../pipeline/runtime/dial-host.ts'
import type { StageRule } from '../../pipeline/runtime/rules.ts'
import type { ListInput } from './input-list.ts'
import type { ComplianceFixture, ComplianceSample } from './types.ts'
import type { Script } from '../scripted-network.ts'
import type { ScriptedComponentsInit } from '../scripted-components.ts'
import type { AnyStage, Candidate, Flow } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface StageRunInit {
  init: AnyStage
  from: Input
  candidates: readonly Candidate[]
  fixture: ComplianceFixture
  timeLimit: number
  /** The number of outputs after which the consumer stops to pull. Default: no limit */
  takes?: number
  /** Components that override those of the fixture */
  components?: Partial<ScriptedComponentsInit>
}

export interface StageOutput {
  /** Milliseconds after the run began */
  readonly at: number
  readonly value: any
  /** A copy of the list. Empty for a connection */
  readonly candidates: readonly Candidate[]
}

/** A run of a stage, between a scripted input and a consumer that records the output */
export class StageRun {
  readonly clock = new VirtualClock()
  /** The clock of the dial. Another object than that of the components, so that a check sees who reads it: the history may */
  readonly dialClock: Clock = { now: () => this.clock.now(), setTimeout: (fn, ms) => this.clock.setTimeout(fn, ms) }
  readonly network = new ScriptedNetwork(this.clock)
  readonly upstream: Upstream
  readonly target = new WatchedTarget(PEER, [])
  readonly host: StageRunHost
  readonly part: Part
  readonly dial: StageDial
  readonly outputs: StageOutput[] = []
  /** Properties that the fixture adds to each connection above the stage */
  readonly connectionProperties: Partial<Connection>
  readonly optionsRead: ReadonlySet<string>
  ended = false
  failure?: { error: any }
  readonly #createdAt = this.clock.now()
  readonly #input = new InputList()
  readonly #from: Input
  readonly #timeLimit: number
  readonly #takes: number
  readonly #lists: Lists
  readonly #listeners: Listeners
  #flow?: AsyncIterator<any>
  /** Starts the race. Called with the first list, because a race without a list would end */
  #begin?: () => void

  constructor ({ init, from, candidates, fixture, timeLimit, takes = Infinity, components }: StageRunInit) {
    const sample: ComplianceSample = { peerId: PEER, candidates, clock: this.clock }
    const given = fixture.options ?? {}
    const { options, read } = watchedOptions(given)
    const made = { ...scriptedComponents({ ...checkPlain('components', fixture.components?.(sample)), ...components, clock: this.clock, network: this.network, peerId: SELF }), clock: this.dialClock }

    this.#from = from
    this.#timeLimit = timeLimit
    this.#takes = takes
    this.connectionProperties = fixture.connection ?? {}
    this.optionsRead = read
    this.host = new StageRunHost(made, this.network, this.target, given, options)
    this.part = new Part(this.host)
    this.#listeners = new Listeners(this.part.signal)
    this.upstream = new Upstream(this.part.signal)
    this.dial = new StageDial(this.part, { name: 'run', options: Object.keys(given) })
    prepare(init, made)
    const above = new Lists(this.part, undefined, from === 'candidates' ? listStagesOf([this.#input.stage], this.part) : [])
    this.#lists = init.yields === 'candidates' ? new Lists(this.part, above, listStagesOf([init], this.part)) : above

    if (init.yields === 'candidates') {
      void this.#pull()
    } else if (from === 'connections') {
      void this.#consume(() => belowStagesOf([init]).reduce<AsyncIterable<Connection>>((flow, stage) => runBelow(stage, flow, this.part), this.upstream) as AsyncGenerator<Connection>)
    } else {
      this.#begin = () => { void this.#consume(() => connect(init, this.part, above)) }
    }
  }

  /** The newest list */
  get last (): StageOutput | undefined { return this.outputs.at(-1) }
  get ids (): string[] { return this.last?.candidates.map(({ id }) => id) ?? [] }
  get isOver (): boolean { return this.ended || this.failure != null }
  get hasBegun (): boolean { return this.#begin == null }
  /** The number of listeners that the stage has on the signal of the dial */
  get listeners (): number { return this.#listeners.count }
  /** The timing rules of the stage */
  get rules (): readonly StageRule[] { return this.#lists.rules }
  get connections (): Connection[] { return this.outputs.map(({ value }) => value) }

  /** Gives the stage a new list. A stage that accepts a target gets new addresses of callers instead */
  give (given: ListInput = {}): void {
    if (this.#from === 'target') {
      this.target.add(given.candidates?.map(({ multiaddr }) => multiaddr) ?? [])
    }

    this.#input.give(given)
    this.target.wake.notify()
    this.#begin?.()
    this.#begin = undefined
  }

  /** Asks the stages once more, as a race without a connection does. Does nothing for a stage that yields connections */
  lastCall (): void {
    if (this.#flow == null) {
      this.#take('last')
    }
  }

  script (candidates: readonly Candidate[], script: Script): void {
    candidates.forEach(({ multiaddr }) => { this.network.script(multiaddr.toString(), script) })
  }

  /** Lets all code run that waits for no timer */
  async settle (): Promise<void> {
    await settled()
    await settled()
  }

  async pass (ms: number): Promise<void> {
    await this.clock.advance(ms)
    await this.settle()
  }

  /** Advances the clock until the stage is expected to have finished */
  async rest (): Promise<void> {
    await this.pass(this.#timeLimit)
  }

  /** Ends the dial as an engine does: ends the part first, then calls `return()` of the generator without awaiting the result */
  leave (): void {
    this.part.end(new AbortError('The suite has left'))
    Promise.resolve(this.#flow?.return?.()).catch(() => {})
  }

  /** @throws Violation if the stage has thrown, or is a source with a wrong answer */
  checkAlive (): void {
    const fault = this.failure?.error ?? this.sourceFault

    if (fault != null || this.failure != null) {
      throw violationOf(fault)
    }
  }

  /** The error for a wrong answer of a source. A dial goes on after it, so that `failure` does not have it */
  get sourceFault (): Error | undefined { return [...this.host.story.sourceFailures.values()].find(isPipelineFault) }

  /** Returns milliseconds after the run began */
  since (at: number): number {
    return at - this.#createdAt
  }

  #take (call?: RaceCall): void {
    try {
      const list = this.#lists.take(call)

      if (list !== this.outputs.at(-1)?.value) {
        this.outputs.push({ at: this.since(this.clock.now()), value: list, candidates: [...list.candidates] })
      }
    } catch (error) {
      this.failure ??= { error }
      this.part.end(error)
    }
  }

  async #pull (): Promise<void> {
    try {
      while (this.outputs.length < this.#takes && this.failure == null) {
        if (this.#input.hasList) {
          this.#take()
        }

        await this.target.wake.wait(this.part, Infinity)
      }
    } catch (error) {
      this.failure ??= { error }
    }
  }

  async #consume (run: () => AsyncGenerator<Connection>): Promise<void> {
    try {
      const flow = this.#flow = run()

      while (this.outputs.length < this.#takes) {
        const { done, value } = await flow.next()

        if (done === true) {
          this.ended = true
          return
        }

        this.outputs.push({ at: this.since(this.clock.now()), value, candidates: [] })
      }
    } catch (error) {
      this.failure = { error }
    }
  }
}

export type Input = keyof Flow
