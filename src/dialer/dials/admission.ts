import { DialError } from '@libp2p/interface'
import { CustomProgressEvent } from 'progress-events'
import { abortReasonOf } from './dial-error.ts'
import { claimedSource, sourceAddresses, vouchForAddresses, parseTarget } from './target.ts'
import { Caller, checkCallerOptions, reportProgress } from './caller.ts'
import { findConnection } from './open-connections.ts'
import { PendingDial } from './pending-dial.ts'
import { joinKeyOf } from './dial-register.ts'
import { traceDial } from '../../metrics/tracing.ts'
import { checkNotCircular, inheritedOptions, isOfRelay, nestedLineage, outerAttemptOf } from '../attempts/nested.ts'
import type { DialNode } from './dial-node.ts'
import type { DialRegister } from './dial-register.ts'
import type { OuterAttempt } from '../attempts/nested.ts'
import type { Pipelines, ReadOptions } from './pipelines.ts'
import type { Policies } from './policies.ts'
import type { DialTarget } from './target.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The parts of an engine that admit a caller */
export interface AdmittingEngine extends DialNode {
  readonly dials: DialRegister
  readonly pipelines: Pipelines
  readonly policies: Policies
}

/**
 * Admits a caller: checks its target and options, and finds or makes its dial
 *
 * @throws what is wrong with the target or the options; DialError when the queue is full
 */
export function admit (engine: AdmittingEngine, target: DialTarget, callerOptions: DialPipelineOptions & { readonly trace?: unknown }): Promise<Connection> {
  const { metrics } = engine.components

  return callerOptions.trace == null || metrics == null
    ? admitTraced(engine, target, callerOptions)
    : traceDial(metrics, parseTarget(target), callerOptions, async options => admitTraced(engine, target, options))
}

function admitTraced (engine: AdmittingEngine, target: DialTarget, callerOptions: DialPipelineOptions): Promise<Connection> {
  const { components, dials, policies, settings, log, queueLog } = engine
  checkCallerOptions(callerOptions)
  const madeFor = outerAttemptOf(callerOptions, components)
  const read = readOptions(engine, callerOptions, madeFor)
  const { pipeline, options } = read
  const claimed = claimedSource(options)
  const requested = parseTarget(target)

  if (options.signal?.aborted === true) {
    throw abortReasonOf(options.signal.reason)
  }

  const inheritance = madeFor == null ? undefined : policies.inherit(madeFor.policies)
  const joinKey = joinKeyOf(read, isOfRelay(madeFor, requested.peer), inheritance?.key)
  const joined = dials.find(requested, joinKey)
  // one peer id object for all callers of the dial, to save memory
  const { peerId } = joined?.requested ?? requested

  // marks the sources before the open connections are searched: the source of an address decides whether its connection counts
  if (madeFor == null) {
    sourceAddresses(requested, claimed, options, components.addressBook)
  }

  const existing = findConnection(components, { peerId, multiaddrs: requested.multiaddrs }, options, madeFor != null)

  if (existing != null) {
    queueLog('already connected to %p', existing.remotePeer)
    reportProgress(options, new CustomProgressEvent('dial-queue:already-connected', existing), log)
    return Promise.resolve(existing)
  }

  if (madeFor != null) {
    checkNotCircular(madeFor, joined, requested.peer)
    madeFor.isNesting = true
    vouchForAddresses(requested, madeFor)
  }

  if (joined == null && madeFor == null && dials.queueLength >= settings.maxDialQueueLength && dials.kin(requested, joinKey).length === 0) {
    throw new DialError('Dial queue is full')
  }

  const lineage = joined != null || madeFor == null ? undefined : nestedLineage(madeFor, requested.peer)
  const dial = joined ?? new PendingDial({ requested, joinKey, options, pipeline, lineage, inherited: inheritance?.stages })
  queueLog(joined == null ? 'creating dial target for %p' : 'joining existing dial target for %p', peerId)
  const caller = new Caller({ requested, options, madeFor }, engine)

  try {
    enter(engine, dial, caller, joined != null)
  } catch (err) {
    // the dial may not have the caller, so the caller must not wait for it
    caller.leave(err)
  }

  return caller.promise
}

function readOptions ({ pipelines, policies }: AdmittingEngine, callerOptions: DialPipelineOptions, madeFor: OuterAttempt | undefined): ReadOptions {
  if (madeFor == null) {
    return pipelines.readDeclared(callerOptions)
  }

  const isRead = pipelines.current.options?.includes('provenance')

  return pipelines.readDeclared(inheritedOptions(callerOptions, madeFor, isRead ? policies.optionsOf(madeFor.policies) : {}))
}

function enter ({ dials }: AdmittingEngine, dial: PendingDial, caller: Caller, isJoining: boolean): void {
  dials.add(dial, caller)

  // the progress listener may make the caller leave, dial again or stop the node
  if (caller.isListening) {
    caller.progress(new CustomProgressEvent(isJoining ? 'dial-queue:already-in-dial-queue' : 'dial-queue:add-to-dial-queue'))
  }

  if (caller.isSettled) {
    return
  }

  if (isJoining) {
    join(dials, dial, caller)
  }

  dials.enqueue(dial)
}

function join (dials: DialRegister, dial: PendingDial, caller: Caller): void {
  dials.raisePriority(dial, caller.options.priority ?? dial.priority)
  caller.startTimeout()
}

/** Moves the callers of a queued dial to other dials, because the node's pipeline was replaced. Each moves by its own options */
export function readmit ({ dials, pipelines }: AdmittingEngine, dial: PendingDial): void {
  const callers = dial.take()

  dials.replace(dial, () => {
    moveCallers(dials, callers, ({ requested, options: callerOptions }) => {
      const read = pipelines.readDeclared(callerOptions)
      const joinKey = joinKeyOf(read)

      return dials.find(requested, joinKey) ?? new PendingDial({ ...read, requested, joinKey, lineage: dial.lineage })
    })
  })
}

/** Repeats an ended dial for the callers whose addresses it has not tried */
export function dialAgain ({ dials }: AdmittingEngine, dial: PendingDial, callers: readonly Caller[]): void {
  moveCallers(dials, callers, caller => dials.find(caller.requested, dial.joinKey) ?? dial.again(caller))
}

/** Moves callers to other dials. All join before any dial begins, so that they hear of its start, and its first list has their addresses */
function moveCallers (dials: DialRegister, callers: readonly Caller[], dialFor: (caller: Caller) => PendingDial): void {
  const entered = new Set<PendingDial>()

  for (const caller of callers) {
    // the timeout of a caller counts from the start of its new dial
    caller.cancelTimeout()

    // a listener of the queue may have ended the caller's wait
    if (!caller.isSettled) {
      try {
        const dial = dialFor(caller)
        dials.add(dial, caller)
        join(dials, dial, caller)
        entered.add(dial)
      } catch (err) {
        caller.leave(err)
      }
    }
  }

  entered.forEach(dial => { dials.enqueue(dial) })
}
