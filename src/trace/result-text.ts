import { STILL_WAITING } from '../pipeline/runtime/dial-host.ts'
import { clipMiddle } from '../pipeline/safe-text.ts'
import { answerOf, briefResult, count, failureIn, ms, outcomeIn, reasonOf } from './outcome.ts'
import type { DialTrace, TraceAttempt, TraceCandidate, TraceError, TraceSource } from './types.ts'

/** Returns the first lines of a dial: a summary, its error, the pending stages and its callers */
export function headlineOf (trace: DialTrace, width: number): string[] {
  const { awaited, callers, candidates, error, omitted: { callers: more = 0 } = {} } = trace
  const attempts = candidates.reduce((sum, one) => sum + one.attempts.length, 0)
  const rest = `  ${count(candidates.length, 'address', 'es')}, ${count(attempts, 'attempt')}, ${briefResult(trace)}`
  const peer = trace.target.peer ?? 'by address'
  const room = Math.max(12, width - 'dial '.length - rest.length)
  const isSaid = error?.message.includes(STILL_WAITING) === true

  return [
    `dial ${clipMiddle(peer, room)}${rest}`,
    ...error == null ? [] : [`  ${describeError(error)}`],
    ...awaited.length === 0 || isSaid ? [] : [`  ${STILL_WAITING} ${awaited.join(', ')}`],
    ...callers.length + more < 2 ? [] : [`  ${count(callers.length + more, 'caller')}: ${callersIn(trace)}${more === 0 ? '' : `, and ${more} more`}`]
  ]
}

function callersIn ({ callers }: DialTrace): string {
  const counts = new Map<string, number>()

  for (const { outcome = 'waiting' } of callers) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }

  return Array.from(counts, ([outcome, n]) => `${n} ${outcome}`).join(', ')
}

function describeError ({ name, message, stage }: TraceError): string {
  return `${name}: ${message}${stage == null || message.includes(stage) ? '' : ` (thrown by ${stage})`}`
}

export function sourceText (source: TraceSource): string {
  const { stage, askedAt, endedAt, addresses, error, notAsked, isAwaited } = source

  if (notAsked != null) {
    return answerOf(source)
  }

  if (error != null) {
    return `failed: ${error.message.replace(`Stage "${stage}" `, '')}`
  }

  if (isAwaited === true || endedAt == null) {
    return `${endedAt == null ? `awaited since ${ms(askedAt)}` : `not answered within ${ms(endedAt - askedAt)}`}${addresses === 0 ? '' : `, ${count(addresses, 'address', 'es')} so far`}`
  }

  return `${count(addresses, 'address', 'es')}${endedAt === askedAt ? '' : ` after ${ms(endedAt - askedAt)}`}`
}

export function candidateText (candidate: TraceCandidate, trace: DialTrace): string {
  const { attempts } = candidate
  const last = attempts.at(-1)

  if (last != null) {
    return `${timesOf(last)} ${attemptText(last)}${attempts.length > 1 ? ` (attempt ${attempts.length})` : ''}`
  }

  return reasonOf(candidate, trace)
}

function timesOf ({ plannedAt, startedAt = plannedAt, endedAt }: TraceAttempt): string {
  return `${ms(startedAt)} → ${endedAt == null ? '…' : ms(endedAt)}`
}

function attemptText (attempt: TraceAttempt): string {
  const { outcome, error } = attempt

  switch (outcome) {
    case 'connected': return 'CONNECTED'
    case 'rejected': return `connected, but ${error?.message ?? 'not passed on'}`
    case 'failed': return `failed: ${failureIn(attempt)}`
    case 'waiting': return attempt.isInLayer === true || attempt.isAtGater === true ? outcomeIn(attempt) : 'waiting for a slot'
    case 'in flight':
    case 'cancelled': return outcomeIn(attempt)
  }
}
