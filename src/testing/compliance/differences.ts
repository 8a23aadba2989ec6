import type { StageRun } from './stage-run.ts'
import type { Candidate } from '../../pipeline/types.ts'

/** The number of addresses that a message shows */
const MAX_SHOWN = 2

/** Returns the first two addresses as text, with the number of the others */
export function show (candidates: readonly Candidate[]): string {
  const more = candidates.length - MAX_SHOWN

  return candidates.length === 0 ? 'nothing' : candidates.slice(0, MAX_SHOWN).map(({ id }) => id).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Describes in a few words how two lists differ. Returns undefined if they have the same addresses in the same order */
export function differenceOf (before: readonly Candidate[], after: readonly Candidate[]): string | undefined {
  const missing = before.filter(one => !after.some(({ id }) => id === one.id))
  const added = after.filter(one => !before.some(({ id }) => id === one.id))

  if (missing.length > 0 || added.length > 0) {
    return [missing.length > 0 ? `without ${show(missing)}` : [], added.length > 0 ? `with ${show(added)}` : []].flat().join(' and ')
  }

  const i = after.findIndex(({ id }, k) => id !== before[k]?.id)

  return i === -1 ? undefined : `with ${show(after.slice(i, i + 1))} in the place of ${show(before.slice(i, i + 1))}`
}

/** The observations of a run up to some moment */
export interface RunRecord {
  readonly outputs: StageRun['outputs']
  readonly events: readonly string[]
}

/** Returns what was seen of a run until now: its end is no part of it */
export function recordOf (run: StageRun): RunRecord {
  return { outputs: [...run.outputs], events: eventsOf(run) }
}

/** Describes in a few words the first difference between two runs of a stage. Returns undefined if none was seen */
export function firstDifference (one: RunRecord, other: RunRecord): string | undefined {
  const lists = one.outputs.findIndex(({ at, candidates }, i) => other.outputs[i]?.at === at && differenceOf(candidates, other.outputs[i].candidates) != null)

  if (lists !== -1) {
    const { at, candidates } = one.outputs[lists] as StageRun['outputs'][number]

    return `another list at ${at} ms, ${differenceOf(candidates, other.outputs[lists]?.candidates ?? [])}`
  }

  const [events, others] = [one.events, other.events]
  const i = Array.from({ length: Math.max(events.length, others.length) }, (_, k) => k).find(k => events[k] !== others[k])

  return i == null ? undefined : `${events[i] ?? 'nothing'} in the one, and ${others[i] ?? 'nothing'} in the other`
}

function eventsOf (run: StageRun): string[] {
  return [
    ...run.outputs.map(({ at, value, candidates }) => value?.complete != null
      ? `a list of ${candidates.length}${value.complete === true ? '' : ' that was not complete'} at ${at} ms`
      : `a connection to ${value?.remoteAddr?.toString()} at ${at} ms`),
    ...run.host.attempts.map(({ candidate, startedAt, endedAt }) => `an attempt at ${candidate.id} from ${sinceOf(run, startedAt)} to ${sinceOf(run, endedAt)} ms`),
    run.failure == null ? run.ended ? 'its end' : 'no end' : `the error ${String(run.failure.error)}`
  ]
}

function sinceOf (run: StageRun, at: number | undefined): number | string {
  return at == null ? '…' : run.since(at)
}
