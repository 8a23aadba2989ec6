import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../../pipeline/check-options.ts'
import { sleep } from '../../pipeline/clock.ts'
import { toError } from '../../pipeline/errors.ts'
import { OBJECT } from '../../pipeline/option-kinds.ts'
import { connect } from '../../pipeline/runtime/connect.ts'
import { deriveNodeStates, stopNodeStates, namesIn } from '../../pipeline/runtime/make-stage.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { settled, VirtualClock } from '../../pipeline/virtual-clock.ts'
import { makePlan } from '../../trace/make-plan.ts'
import { checkCallerOptions } from '../dials/caller.ts'
import { abortReasonOf } from '../dials/dial-error.ts'
import { findConnection } from '../dials/open-connections.ts'
import { connectionOf } from '../dials/traced-dial.ts'
import { claimedSource, parseTarget, sourceAddresses } from '../dials/target.ts'
import { PlanHost } from './plan-host.ts'
import type { AdmittingEngine } from '../dials/admission.ts'
import type { DialTarget } from '../dials/target.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { AnyStage, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { DialPlan } from '../../trace/plan.ts'

/** Duration of a planned dial on its virtual clock, in milliseconds */
const HORIZON = 60_000

/** Real milliseconds that sources, resolvers and filters have to answer, and between two checks of that */
const PATIENCE = 1_000
const LOOK = 5

const PLAN_MADE = new AbortError('The plan is made')

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
  const end = (): void => { part.end(PLAN_MADE) }
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
    // read before the end, because the end clears it
    host.awaited = host.lists?.awaited ?? []
    end()
    signal?.removeEventListener('abort', end)
  }

  await dial

  return failure
}

/** Waits in real time until the sources and resolvers have answered. The virtual clock stands still meanwhile */
async function answers (host: PlanHost, part: Part, realClock: Clock): Promise<void> {
  const deadline = realClock.now() + PATIENCE
  await settled()

  while (!part.isEnded && (host.lists?.awaited ?? []).length > 0 && realClock.now() < deadline) {
    await sleep(LOOK, realClock, part.signal).catch(() => {})
  }
}
