import { beginsOf } from './callers.ts'
import { SCRIPT_TIME } from './script.ts'
import type { Scene } from './scene.ts'

/** The number of cases with each feature */
export type Statistics = Record<string, number>

const ERRORS: Record<string, string> = {
  AggregateError: 'all failed',
  NoValidAddressesError: 'nothing to dial',
  DialDeniedError: 'denied',
  TimeoutError: 'timed out',
  AbortError: 'stopped',
  InvalidStageOutputError: 'broken stage',
  InvalidPipelineError: 'broken pipeline',
  InvalidParametersError: 'broken target',
  VerificationError: 'not verified'
}

/** Returns 1 for each feature of a case */
export function statisticsOf ({ callers: { calls }, nested, traits, stops, pipelines, network, lingering }: Scene): Statistics {
  const names = calls.flatMap(({ result }) => result?.status === 'rejected' ? [ERRORS[result.reason?.name] ?? 'other error'] : [])
  const reasons = [...calls, ...nested].flatMap(({ result }) => result?.status === 'rejected' ? [result.reason] : [])
  const causes = reasons.flatMap(reason => reason?.errors ?? reason)
  const had: Record<string, boolean> = {
    connected: calls.some(({ result }) => result?.status === 'fulfilled'),
    failed: names.length > 0,
    aborted: calls.some(({ abortedAt, settledAt }) => abortedAt != null && abortedAt === settledAt),
    joined: calls.some(({ isJoin }) => isJoin),
    'joined a running dial': calls.some(({ joinedRunning }) => joinedRunning),
    moved: calls.some(call => call.joinedRunning && beginsOf(call).length > 1),
    nested: nested.some(({ isNested }) => isNested),
    'relay connected': nested.some(({ result }) => result?.status === 'fulfilled'),
    'stopped by the script': stops.some(at => at < SCRIPT_TIME),
    'dialled again': pipelines.some(({ outcomes }) => outcomes > 1),
    'many addresses': calls.some(({ spec: { target } }) => Array.isArray(target) && target.length > 40),
    'listener acted': calls.some(({ spec: { reaction }, heard }) => reaction != null && heard.size > reaction.nth),
    'went on': lingering.length > 0,
    'several went on': lingering.some(count => count > 1),
    circular: causes.some(cause => cause?.name === 'CircularDialError'),
    'no attempt': network.asked === 0,
    ...Object.fromEntries(names.map(name => [name, true])),
    ...Object.fromEntries([...traits].map(trait => [trait, true]))
  }

  return Object.fromEntries(Object.entries(had).filter(([, is]) => is).map(([kind]) => [kind, 1]))
}

export function addStatistics (to: Statistics, more: Statistics): void {
  for (const [kind, count] of Object.entries(more)) {
    to[kind] = (to[kind] ?? 0) + count
  }
}
