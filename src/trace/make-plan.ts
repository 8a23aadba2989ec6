import { makeTrace } from './make-trace.ts'
import type { DialPlan, PlannedAddress } from './plan.ts'
import type { DialRecord } from './record.ts'
import type { DialTrace, TraceCandidate } from './types.ts'

/**
 * Makes the plan of a dial from the record of a dial run in which no attempt was answered
 *
 * @param spared the sources that a dial would ask, and the plan did not
 */
export function makePlan (record: DialRecord, spared: Iterable<string>): DialPlan {
  const { version, target, pipeline, sources, awaited, candidates, outcome, connection, error, omitted } = makeTrace(record)
  const planned = candidates.map(one => plannedAddress(one)).toSorted((a, b) => startOf(a) - startOf(b))

  return {
    version,
    target,
    pipeline,
    ...connection == null ? {} : { open: connection },
    ...outcome !== 'failed' || error == null ? {} : { error },
    sources: [...sources.map(plannedSource), ...Array.from(spared, stage => ({ stage, addresses: 0, wouldBeAsked: true as const }))],
    awaited,
    addresses: planned,
    ...omitted == null ? {} : { omitted }
  }
}

function plannedSource ({ stage, addresses, error, isAwaited, notAsked }: DialTrace['sources'][number]): DialPlan['sources'][number] {
  return { stage, addresses, ...error == null ? {} : { error }, ...isAwaited === true ? { isAwaited } : {}, ...notAsked == null ? {} : { notAsked } }
}

function plannedAddress ({ address, transport, provenance, verdicts, attempts }: TraceCandidate): PlannedAddress {
  const startsAt = attempts.find(({ startedAt }) => startedAt != null)?.startedAt

  const error = startsAt == null ? attempts.at(-1)?.error : undefined

  return { address, ...transport == null ? {} : { transport }, provenance, ...startsAt == null ? {} : { startsAt }, verdicts, ...error == null ? {} : { error } }
}

/** Returns the start of an address. Other addresses come last, at a finite time, because Infinity minus Infinity is NaN */
function startOf ({ startsAt = Number.MAX_VALUE }: PlannedAddress): number {
  return startsAt
}
