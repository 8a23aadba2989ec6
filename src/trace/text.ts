import { InvalidParametersError } from '@libp2p/interface'
import { checkValue } from '../pipeline/check-options.ts'
import { highest, lowest } from '../pipeline/extremes.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AddressStory, AttemptStory } from '../pipeline/runtime/story.ts'
import type { StoryTrace } from './story-trace.ts'

const WIDTH = 40

/** The words of the error of a dial whose time is over */
export const STILL_WAITING = 'still waiting for'

const TRACE: OptionKind = { expected: 'a trace of a dial', test: value => Array.isArray((value as { addresses?: unknown } | null)?.addresses) }

/**
 * Returns one dial as text: a line for each address, with a bar from when it was tried to when that ended, and what became of it
 *
 * @throws InvalidParametersError for what is not a trace
 */
export function renderTrace (trace: StoryTrace): string {
  checkValue('renderTrace()', trace, TRACE, InvalidParametersError)
  const tried = trace.addresses.filter(({ attempts }) => attempts.length > 0).toSorted((a, b) => begin(a) - begin(b))
  const others = trace.addresses.filter(({ attempts }) => attempts.length === 0)
  const end = Math.max(trace.startedAt + 1, highest(trace.addresses.flatMap(({ attempts }) => attempts.map(({ endedAt, startedAt }) => endedAt ?? startedAt ?? 0))))
  const rows = [...tried, ...others]
  const names = Math.max(0, highest(rows.map(row => nameOf(row).length)))

  return [
    headline(trace),
    ...rows.map(row => `  ${nameOf(row).padEnd(names)} |${bar(row, trace.startedAt, end)}| ${fate(row, trace)}`),
    ...(trace.sourceFailures ?? []).map(({ stage, error }) => `  ${stage} failed: ${error.message}`)
  ].join('\n')
}

function headline (trace: StoryTrace): string {
  const attempts = trace.addresses.flatMap(one => one.attempts)
  // better ones may have followed the first
  const connectedAt = lowest(attempts.flatMap(({ result, endedAt, refusal }) => result === 'connected' && refusal == null && endedAt != null ? [endedAt] : []))
  const result = connectedAt < Infinity
    ? `connected in ${ms(connectedAt - trace.startedAt)}`
    : trace.error == null ? `running${waitingIn(trace)}` : `failed after ${ms((trace.endedAt ?? trace.startedAt) - trace.startedAt)}: ${trace.error.name}: ${trace.error.message}${trace.thrower == null ? '' : ` (thrown by ${trace.thrower})`}${waitingIn(trace)}`

  return `dial ${trace.peerId?.toString() ?? 'of an unknown peer'}  ${count(trace.addresses.length, 'address', 'es')}, ${count(attempts.length, 'attempt')}, ${result}`
}

/** The error of a dial whose time is over says it, but not the reason of a caller's signal */
function waitingIn ({ awaited = [], error }: StoryTrace): string {
  return awaited.length === 0 || error?.message.includes(STILL_WAITING) === true ? '' : `: ${STILL_WAITING} ${awaited.join(', ')}`
}

function fate (story: AddressStory, { startedAt, error }: StoryTrace): string {
  const last = story.attempts.at(-1)

  if (last != null) {
    return `${ms(at(last, startedAt))} → ${last.endedAt == null ? '…' : ms(last.endedAt - startedAt)} ${ended(last)}${story.attempts.length > 1 ? ` (attempt ${story.attempts.length})` : ''}`
  }

  if (story.dropped != null) {
    return `dropped by ${story.dropped.stage}: ${story.dropped.reason}`
  }

  if (story.expanded != null) {
    return `became ${count(story.expanded.into.length, 'address', 'es')} (${story.expanded.stage})`
  }

  return error == null ? 'not needed' : 'not tried'
}

function ended ({ result, error, refusal }: AttemptStory): string {
  switch (result) {
    case 'connected': return refusal == null ? 'CONNECTED' : `connected, but ${refusal.message}`
    case 'failed': return `failed: ${error?.message ?? ''}`
    case 'cancelled': return 'cancelled'
    case undefined: return 'in flight'
  }
}

function bar ({ attempts }: AddressStory, start: number, end: number): string {
  const cells = Array<string>(WIDTH).fill(' ')

  for (const attempt of attempts) {
    const from = cell(at(attempt, start), end - start)
    const answered = attempt.firstResponseAt == null ? Infinity : cell(attempt.firstResponseAt - start, end - start)
    const to = cell((attempt.endedAt ?? end) - start, end - start)

    for (let i = from; i <= to; i++) {
      cells[i] = i < answered ? '░' : '█'
    }
  }

  return cells.join('')
}

function cell (time: number, length: number): number {
  return Math.min(WIDTH - 1, Math.max(0, Math.floor(time / length * WIDTH)))
}

function at ({ startedAt, requestedAt }: AttemptStory, start: number): number {
  return (startedAt ?? requestedAt) - start
}

function begin ({ attempts: [first] }: AddressStory): number {
  return first?.startedAt ?? first?.requestedAt ?? 0
}

/** The peer is in the headline */
function nameOf ({ candidate }: AddressStory): string {
  return candidate.id.replace(/\/p2p\/[^/]+$/, '')
}

function ms (time: number): string {
  return `${Math.round(time)} ms`
}

function count (n: number, what: string, plural = 's'): string {
  return `${n} ${what}${n === 1 ? '' : plural}`
}
