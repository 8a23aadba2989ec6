import { AbortError } from '@libp2p/interface'
import { describeValue } from '../../pipeline/describe-value.ts'
import { make, runStages } from '../../pipeline/run.ts'
import { StageDial } from '../../pipeline/stage-dial.ts'
import { scriptedComponents } from '../scripted-components.ts'
import { ScriptedNetwork } from '../scripted-network.ts'
import { settled, VirtualClock } from '../virtual-clock.ts'
import { checkPlain } from './check-plain.ts'
import { Violation } from './rule.ts'
import { PEER, SELF } from './samples.ts'
import { TrialHost } from './trial-host.ts'
import { TrialTarget } from './trial-target.ts'
import { Upstream } from './upstream.ts'
import { watchedOptions } from './watched-options.ts'
import { WatchedSignal } from './watched-signal.ts'
import type { Inflow } from './bench.ts'
import type { ComplianceFixture, ComplianceSample } from './types.ts'
import type { Script } from '../scripted-network.ts'
import type { ScriptedComponentsInit } from '../scripted-components.ts'
import type { AnyStageInit, Candidate, List, Pace } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Not zero: a clock never is, and nothing may count on it */
const BEGIN = 1_700_000_000_000

/** Milliseconds */
const STEP = 50

export interface TrialInit {
  init: AnyStageInit
  from: Inflow
  candidates: readonly Candidate[]
  fixture: ComplianceFixture
  patience: number
  /** How many outputs are taken before the consumer stops to ask for more */
  takes?: number
  /** In the place of what the fixture says */
  components?: Partial<ScriptedComponentsInit>
}

export interface Output {
  /** Milliseconds after the trial began */
  readonly at: number
  readonly value: any
  /** As they were when it was yielded */
  readonly candidates: readonly Candidate[]
}

export interface Given {
  candidates?: readonly Candidate[]
  complete?: boolean
  pace?: Pace
}

/** One run of a stage, between what it is given and a consumer that takes what it yields */
export class Trial {
  readonly clock = new VirtualClock(BEGIN)
  readonly network = new ScriptedNetwork(this.clock)
  readonly upstream: Upstream
  readonly target: TrialTarget
  readonly host: TrialHost
  readonly dial: StageDial
  readonly outputs: Output[] = []
  readonly optionsRead: ReadonlySet<string>
  /** While it is true what the stage is given stays behind when the target is raised */
  isBehind = false
  ended = false
  failure?: { error: any }
  readonly #watched = new WatchedSignal()
  readonly #iterator: AsyncIterator<any>
  readonly #from: Inflow
  readonly #patience: number
  readonly #takes: number
  #list?: Omit<List, 'revision'>

  constructor ({ init, from, candidates, fixture, patience, takes = Infinity, components }: TrialInit) {
    const sample: ComplianceSample = { peerId: PEER, candidates, clock: this.clock }
    const { options, read } = watchedOptions(fixture.options ?? {})
    const made = scriptedComponents({ ...checkPlain('components', fixture.components?.(sample)), ...components, clock: this.clock, network: this.network, peerId: SELF })

    this.#from = from
    this.#patience = patience
    this.#takes = takes
    this.optionsRead = read
    this.target = new TrialTarget(PEER, [], () => { this.#onRaise() })
    this.upstream = new Upstream(this.#watched.signal)
    this.host = new TrialHost(made, this.network, this.target, options)
    this.dial = new StageDial(this.host, this.#watched.signal)
    this.#iterator = runStages([make(init, made)], this.upstream, this.dial)[Symbol.asyncIterator]()
    void this.#consume()
  }

  /** The newest list */
  get last (): Output | undefined { return this.outputs.at(-1) }
  get ids (): string[] { return this.last?.candidates.map(({ id }) => id) ?? [] }
  get isOver (): boolean { return this.ended || this.failure != null }
  get listeners (): number { return this.#watched.listeners }
  get revision (): number { return this.target.current.revision }
  get connections (): Connection[] { return this.outputs.map(({ value }) => value) }

  /** A new list; for a stage that begins with the target, new addresses of callers */
  give ({ candidates = this.#list?.candidates ?? [], complete = true, pace }: Given = {}): void {
    this.#list = { kind: 'candidates', candidates: [...candidates], complete, pace }

    if (this.#from === 'target') {
      this.target.add(candidates.map(({ multiaddr }) => multiaddr))
    }

    this.giveAgain()
  }

  /** The same, of the newest revision */
  giveAgain (revision = this.revision): void {
    this.upstream.give(this.#from === 'target' ? { ...this.target.current, revision } : { ...this.#list, revision })
  }

  script (candidates: readonly Candidate[], script: Script): void {
    candidates.forEach(({ multiaddr }) => { this.network.script(multiaddr.toString(), script) })
  }

  /** Everything that needs no time */
  async settle (): Promise<void> {
    await settled()
    await settled()
  }

  async pass (ms: number): Promise<void> {
    await this.clock.advance(ms)
    await this.settle()
  }

  /** Everything that the stage has time for */
  async rest (): Promise<void> {
    await this.pass(this.#patience)
  }

  /** As long as it takes to the first output, or to the end of the suite's patience */
  async firstOutput (): Promise<void> {
    for (let waited = 0; waited < this.#patience && this.outputs.length === 0 && !this.isOver; waited += STEP) {
      await this.pass(STEP)
    }
  }

  /** Goes as whoever runs a pipeline does: aborts, then returns without awaiting */
  leave (): void {
    this.#watched.abort(new AbortError('The suite has left'))
    Promise.resolve(this.#iterator.return?.()).catch(() => {})
  }

  /** @throws Violation when the stage has thrown */
  checkAlive (): void {
    if (this.failure != null) {
      const { error } = this.failure
      throw new Violation(`it threw ${describeValue(error)}`, { cause: error })
    }
  }

  /** Milliseconds after the trial began */
  since (at: number): number {
    return at - BEGIN
  }

  #onRaise (): void {
    if (!this.isBehind && (this.#list != null || this.#from === 'target')) {
      this.giveAgain()
    }
  }

  async #consume (): Promise<void> {
    try {
      while (this.outputs.length < this.#takes) {
        const { done, value } = await this.#iterator.next()

        if (done === true) {
          this.ended = true
          return
        }

        this.outputs.push({ at: this.since(this.clock.now()), value, candidates: [...value?.candidates ?? []] })
      }
    } catch (error) {
      this.failure = { error }
    }
  }
}
