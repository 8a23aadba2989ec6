import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { sleep } from '../../pipeline/clock.ts'
import { toError } from '../../pipeline/errors.ts'
import { OBJECT } from '../../pipeline/option-kinds.ts'
import { Judgements } from '../../pipeline/judgements.ts'
import { connect } from '../../pipeline/runtime/connect.ts'
import { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import { deriveNodeStates, isNamed, namesIn, stopNodeStates } from '../../pipeline/runtime/make-stage.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { Story } from '../../pipeline/runtime/story.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { settled, VirtualClock } from '../../pipeline/virtual-clock.ts'
import { makePlan } from '../../trace/make-plan.ts'
import { checkCallerOptions } from './caller.ts'
import { abortReasonOf } from './dial-error.ts'
import { findConnection } from './open-connections.ts'
import { connectionOf } from './traced-dial.ts'
import { claimedSource, parseTarget, sourceAddresses } from './target.ts'
import type { AdmittingEngine } from './admission.ts'
import type { DialTarget, ParsedTarget } from './target.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { AttemptListener, PendingWork, BegunAttempt, DialHost, MadeList } from '../../pipeline/runtime/dial-host.ts'
import type { AnyStage, Candidate, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { DialPlan } from '../../trace/plan.ts'
import type { Logger } from '@libp2p/interface'

/** Duration of a planned dial on its virtual clock, in milliseconds */
const HORIZON = 60_000

/** Real milliseconds that the gater, sources, resolvers and filters have to answer, and between two checks of that */
const PATIENCE = 1_000
const LOOK = 5

/**
 * Plans a dial: runs its pipeline on a virtual clock, with attempts that are never answered. Nothing is dialled, takes a slot or is recorded
 *
 * @throws what a dial throws for its target and options; the signal's reason when the signal aborts
 */
export async function planDial ({ components, pipelines }: Pick<AdmittingEngine, 'components' | 'pipelines'>, target: DialTarget, dialOptions: DialPipelineOptions): Promise<DialPlan> {
  checkValue('plan()', dialOptions, OBJECT, InvalidParametersError)
  checkCallerOptions(dialOptions)
  const { signal } = dialOptions
  const { pipeline, options } = pipelines.readDeclared(dialOptions)
  const requested = parseTarget(target)
  sourceAddresses(requested, claimedSource(options), options, components.addressBook)
  throwIfAborted(signal)

  const clock = new VirtualClock(components.clock.now())
  const node: DialComponents = { ...components, clock }
  const host = new PlanHost(node, requested, options, safeLog(components.logger, 'libp2p:dial-pipeline:plan'))
  const open = findConnection(components, requested, options)
  let failure: unknown

  if (open == null) {
    deriveNodeStates(node, components)
    failure = await runPlan(host, pipeline, { clock, realClock: components.clock, signal })
    stopNodeStates(node)
    throwIfAborted(signal)
  }

  return makePlan({
    id: '',
    peer: requested.peer,
    multiaddrs: requested.multiaddrs,
    pipeline: namesIn(pipeline),
    startedAt: clock.now() - clock.elapsed,
    endedAt: clock.now(),
    isAborted: false,
    connection: open == null ? undefined : connectionOf(open),
    error: failure,
    callers: [],
    sources: host.story.sources,
    awaited: host.awaited,
    addresses: [...host.story.addresses.values()],
    held: host.lists?.held
  }, host.spared)
}

function throwIfAborted (signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw abortReasonOf(signal.reason)
  }
}

/** Resolves to the error with which the dial would fail before any attempt, else undefined */
async function runPlan (host: PlanHost, pipeline: AnyStage, { clock, realClock, signal }: { clock: VirtualClock, realClock: Clock, signal?: AbortSignal }): Promise<unknown> {
  const part = new Part(host)
  const end = (): void => { part.end(new AbortError('The plan is made')) }
  let failure: unknown
  host.onTooMany = end
  signal?.addEventListener('abort', end)

  const dial = (async () => {
    await host.judgements.checkPeer(part, () => String(host.target.current.peerId))

    for await (const connection of connect(pipeline, part)) {
      void connection
    }
  })().catch(err => {
    failure = part.isEnded ? undefined : toError(err)
  })

  try {
    await answers(host, part, realClock)
    const horizon = new Promise<void>(resolve => { clock.setTimeout(resolve, HORIZON) })
    await clock.until(Promise.race([dial, horizon]))
  } finally {
    // the pending stages are read before the end, because the end clears them
    host.awaited = host.pending
    end()
    signal?.removeEventListener('abort', end)
  }

  await dial

  return failure
}

/** Waits in real time until the gater, the sources and the resolvers have answered. The virtual clock stands still meanwhile */
async function answers (host: PlanHost, part: Part, realClock: Clock): Promise<void> {
  const deadline = realClock.now() + PATIENCE
  await settled()

  while (!part.isEnded && host.pending.length > 0 && realClock.now() < deadline) {
    await sleep(LOOK, realClock, part.signal).catch(() => {})
  }
}

/** Maximum number of attempts in one plan: a retry without a delay would never end */
const MAX_ATTEMPTS = 1_024

/** Replaces the engine where nothing is dialled, as in a plan: no attempt is answered, and nothing is recorded */
export class PlanHost implements DialHost {
  readonly node: DialComponents
  readonly log: Logger
  readonly options: DialPipelineOptions
  readonly target: LiveTarget
  readonly story = new Story()
  readonly judgements: Judgements
  /** The sources that the plan skips because they would ask other peers */
  readonly spared = new Set<string>()
  lists?: PendingWork
  /** The things that are still pending at the end of the plan */
  awaited: readonly string[] = []
  /** Called when the plan has more attempts than `MAX_ATTEMPTS` */
  onTooMany = (): void => {}
  #attempts = 0

  /** @param node the node's components, with the clock of the plan */
  constructor (node: DialComponents, { peerId, multiaddrs }: ParsedTarget, options: DialPipelineOptions, log: Logger) {
    this.node = node
    this.log = log
    this.options = options
    this.target = new LiveTarget(peerId, multiaddrs)
    this.judgements = new Judgements(node, peerId)
  }

  /** The things that the plan waits for now */
  get pending (): string[] {
    return [...this.judgements.awaited, ...this.lists?.awaited ?? []]
  }

  mayAsk (stage: string, isLast: boolean): boolean {
    const asksPeers = isLast || isNamed(stage, 'from-routing')

    if (asksPeers) {
      this.spared.add(stage)
    }

    return !asksPeers
  }

  attempt (candidate: Candidate, listener: AttemptListener): BegunAttempt {
    let isOver = false
    const fail = (err: unknown): void => {
      if (!isOver) {
        isOver = true
        listener.onFailed(toError(err))
      }
    }

    if (++this.#attempts > MAX_ATTEMPTS) {
      this.onTooMany()
    }

    try {
      const checked = this.judgements.check(candidate)
      // a plan does not wait for a slow gater: until it denies, the attempt counts as allowed
      checked?.catch(fail)
      listener.onStart(this.node.clock.now())
    } catch (err) {
      queueMicrotask(() => { fail(err) })
    }

    return { cancel: () => { isOver = true } }
  }

  onListPulled (_list: MadeList, lists: PendingWork): void {
    this.lists = lists
  }

  discard (): void {}
}
