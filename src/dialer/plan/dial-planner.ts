import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { sleep } from '../../pipeline/clock.ts'
import { toError } from '../../pipeline/errors.ts'
import { OBJECT } from '../../pipeline/option-kinds.ts'
import { connect } from '../../pipeline/runtime/connect.ts'
import { deriveNodeStates, stopNodeStates } from '../../pipeline/runtime/make-stage.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { namesIn } from '../../pipeline/stage-names.ts'
import { settled, VirtualClock } from '../../pipeline/virtual-clock.ts'
import { makePlan } from '../../trace/make-plan.ts'
import { checkListeners, checkPriority } from '../dials/caller.ts'
import { abortReasonOf } from '../dials/dial-error.ts'
import { connectionOf } from '../dials/traced-dial.ts'
import { claimedSource, parseTarget, sourceAddresses } from '../dials/target.ts'
import { PlanHost } from './plan-host.ts'
import type { PlannedDial } from './plan-host.ts'
import type { DialTarget } from '../dials/target.ts'
import type { OpenConnections } from '../dials/open-connections.ts'
import type { Pipelines } from '../dials/pipelines.ts'
import type { DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { DialPlan } from '../../trace/plan.ts'

/** Duration of a planned dial on its virtual clock, in milliseconds */
const HORIZON = 60_000

/** Real milliseconds that sources, resolvers and filters have to answer, and between two checks of that */
const PATIENCE = 1_000
const LOOK = 5

const PLAN_MADE = new AbortError('The plan is made')

/** The parts of a node that plan a dial */
export interface PlanningEngine {
  readonly components: DialComponents
  readonly connections: OpenConnections
  readonly pipelines: Pipelines
}

/**
 * Plans a dial: runs its pipeline on a virtual clock, with attempts that are never answered. Nothing is dialled, takes a slot or is recorded
 *
 * @throws what a dial throws for its target and options; the signal's reason when the signal aborts
 */
export async function planDial ({ components, connections, pipelines }: PlanningEngine, target: DialTarget, dialOptions: DialPipelineOptions): Promise<DialPlan> {
  checkValue('plan()', dialOptions, OBJECT, InvalidParametersError)
  checkListeners(dialOptions)
  const { signal } = dialOptions
  const { pipeline: { stage }, options } = pipelines.readDeclared(dialOptions)
  checkPriority(options.priority)
  const requested = parseTarget(target)
  sourceAddresses(requested, claimedSource(options), options, components.addressBook)
  throwIfAborted(signal)

  const clock = new VirtualClock(components.clock.now())
  const node: DialComponents = { ...components, clock }
  const host = new PlanHost(node, { requested, pipeline: stage, options })
  const open = connections.find({ peerId: requested.peerId, multiaddrs: requested.multiaddrs }, options)
  let failure: unknown
  let awaited: readonly string[] = []

  if (open == null) {
    deriveNodeStates(node, components)
    const planning = new Planning(host, clock, components.clock)
    failure = await planning.run(stage, signal)
    awaited = planning.awaited
    stopNodeStates(node)
    throwIfAborted(signal)
  }

  return makePlan({
    id: '',
    peer: requested.peer,
    multiaddrs: requested.multiaddrs,
    pipeline: namesIn(stage),
    startedAt: clock.now() - clock.elapsed,
    endedAt: clock.now(),
    isAborted: false,
    connection: open == null ? undefined : connectionOf(open),
    error: failure,
    callers: [],
    sources: host.story.sources,
    awaited,
    addresses: [...host.story.addresses.values()],
    held: host.lists?.held
  }, host.spared)
}

function throwIfAborted (signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw abortReasonOf(signal.reason)
  }
}

class Planning {
  readonly #host: PlanHost
  readonly #clock: VirtualClock
  readonly #realClock: DialComponents['clock']
  /** The stages that are still pending at the end of the plan */
  awaited: readonly string[] = []

  constructor (host: PlanHost, clock: VirtualClock, realClock: DialComponents['clock']) {
    this.#host = host
    this.#clock = clock
    this.#realClock = realClock
  }

  /** Resolves to the error with which the dial would fail before any attempt, else undefined */
  async run (pipeline: PlannedDial['pipeline'], signal: AbortSignal | undefined): Promise<unknown> {
    const part = new Part(this.#host)
    const end = (): void => { part.end(PLAN_MADE) }
    let failure: unknown
    this.#host.onTooMany = end
    signal?.addEventListener('abort', end)

    const dial = (async () => {
      await this.#host.judgements.checkPeer(part, () => String(this.#host.target.current.peerId))

      for await (const connection of connect(pipeline, part)) {
        void connection
      }
    })().catch(err => {
      failure = part.isEnded ? undefined : toError(err)
    })

    try {
      await this.#answers(part)
      const horizon = new Promise<void>(resolve => { this.#clock.setTimeout(resolve, HORIZON) })
      await this.#clock.until(Promise.race([dial, horizon]))
    } finally {
      this.awaited = this.#host.lists?.awaited ?? []
      end()
      signal?.removeEventListener('abort', end)
    }

    await dial

    return failure
  }

  /** Waits in real time until the sources and resolvers have answered. The virtual clock stands still meanwhile */
  async #answers (part: Part): Promise<void> {
    const deadline = this.#realClock.now() + PATIENCE
    await settled()

    while (!part.isEnded && (this.#host.lists?.awaited ?? []).length > 0 && this.#realClock.now() < deadline) {
      await sleep(LOOK, this.#realClock, part.signal).catch(() => {})
    }
  }
}
