import { isSilence, isWrongPeer } from '../pipeline/errors.ts'
import type { DialTrace, TraceAttempt, TraceCandidate, TraceError, TraceSource } from './types.ts'

/** Returns the outcome of an address that was attempted, in a few words */
export function outcomeOf ({ attempts }: TraceCandidate): string {
  const last = attempts.at(-1)
  const again = attempts.length > 1 ? ` (attempt ${attempts.length})` : ''

  switch (last?.outcome) {
    case undefined: return ''
    case 'connected': return `connected in ${ms(durationOf(last))}${again}`
    case 'rejected': return `connected, but ${last.error?.message ?? 'rejected'}${again}`
    case 'failed': return `${failureIn(last)}${again}`
    case 'cancelled': return `cancelled${last.startedAt == null ? ' while it waited' : ''}${again}`
    case 'in flight': return `in flight${again}`
    case 'waiting': return `waits${again}`
  }
}

const CODES: Readonly<Record<string, string>> = { ECONNREFUSED: 'refused', ECONNRESET: 'reset', ENETUNREACH: 'unreachable', EHOSTUNREACH: 'unreachable', ENOTFOUND: 'name not found' }

/** Returns the outcome of an attempt, and whether the gater or a layer has kept it from beginning */
export function outcomeIn ({ outcome, isInLayer, isAtGater }: TraceAttempt): string {
  return isInLayer === true ? `${outcome} in an attempt layer` : isAtGater === true ? `${outcome} at the connection gater` : outcome
}

/** Returns why an attempt failed, in the words of `failureWords()` */
export function failureIn (attempt: TraceAttempt): string {
  const { error, marks } = attempt

  return error == null ? 'failed' : failureWords(error, durationOf(attempt), marks.some(({ name }) => name === 'answered'))
}

/**
 * Returns a common failure of an attempt in a few words, and any other error by its message. The address is not repeated
 *
 * @param elapsed the duration of the attempt in milliseconds
 * @param wasHeard whether the remote had responded
 */
export function failureWords (error: TraceError, elapsed: number, wasHeard: boolean): string {
  // traces of earlier releases have the code only in the message
  const { message, code = /\bE[A-Z]{4,}\b/.exec(message)?.[0] } = error

  if (isWrongPeer(error)) {
    return 'answered by another peer'
  }

  if (isSilence({ ...error, code })) {
    return wasHeard ? `connected, then silent: ended after ${ms(elapsed)}` : `silent for ${ms(elapsed)}`
  }

  return CODES[code ?? ''] ?? message
}

/** Returns the answer of a source, in a few words */
export function answerOf ({ endedAt, isAwaited, addresses, error, notAsked }: TraceSource): string {
  return notAsked != null ? `not asked: ${notAsked}` : error?.message ?? (endedAt == null || isAwaited === true ? 'has not answered' : count(addresses, 'address', 'es'))
}

/** Returns why an address was not attempted, in a few words */
export function reasonOf ({ verdicts }: Pick<TraceCandidate, 'verdicts'>, { outcome }: Pick<DialTrace, 'outcome'>): string {
  const verdict = verdicts.at(-1)

  switch (verdict?.verdict) {
    case 'dropped': return `dropped by ${verdict.stage}: ${verdict.reason}`
    case 'expanded': return `became ${count(verdict.into.length, 'address', 'es')} (${verdict.stage})`
    case 'held': return `held by ${verdict.stage}`
    case undefined: return outcome === 'connected' ? 'not needed' : outcome === 'running' ? 'not tried yet' : 'not tried'
  }
}

/** Returns the result of a whole dial, with its time */
export function briefResult ({ outcome, madeAt, settledAt = 0, endedAt = settledAt }: DialTrace): string {
  switch (outcome) {
    case 'running': return madeAt == null ? 'running' : `running for ${ms(madeAt)}`
    case 'connected': return `connected in ${ms(settledAt)}`
    case 'failed':
    case 'aborted': return `${outcome} after ${ms(endedAt)}`
  }
}

/** Returns the result of a whole dial, with its connection, its error, or the pending stages */
export function resultOf (trace: DialTrace): string {
  const { outcome, connection, error, awaited } = trace
  const result = briefResult(trace)

  switch (outcome) {
    case 'connected': return connection == null ? result : `${result} over ${shortAddress(connection.address, trace)}`
    case 'running': return awaited.length === 0 ? result : `${result}, waits for ${awaited.join(', ')}`
    case 'failed':
    case 'aborted': return error == null ? result : `${result}: ${error.message}`
  }
}

/** Returns the rows of a waterfall: sources that were asked, and took time or failed; attempted candidates, earliest first; all other candidates */
export function groupRows ({ sources, candidates }: DialTrace): { sources: TraceSource[], attempted: TraceCandidate[], others: TraceCandidate[] } {
  return {
    sources: sources.filter(({ askedAt, endedAt, error, notAsked }) => notAsked == null && (endedAt == null || error != null || endedAt > askedAt)),
    attempted: candidates.filter(({ attempts }) => attempts.length > 0).toSorted((a, b) => firstStart(a) - firstStart(b)),
    others: candidates.filter(({ attempts }) => attempts.length === 0)
  }
}

function firstStart ({ attempts: [first] }: TraceCandidate): number {
  return first?.startedAt ?? first?.plannedAt ?? 0
}

/** Returns an address without the peer id of the dial */
export function shortAddress (address: string, { target: { peer } }: { readonly target: { readonly peer?: string } }): string {
  const own = `/p2p/${peer}`

  return peer != null && address !== own && address.endsWith(own) ? address.slice(0, -own.length) : address
}

/** Returns the time of the last event in a trace, in milliseconds after the start of the dial */
export function lastTime ({ endedAt = 0, settledAt = 0, madeAt = 0, candidates, sources }: DialTrace): number {
  let last = Math.max(endedAt, settledAt, madeAt)

  for (const { askedAt = 0, endedAt = 0 } of sources) {
    last = Math.max(last, askedAt, endedAt)
  }

  for (const { plannedAt, startedAt = 0, endedAt = 0, marks } of candidates.flatMap(({ attempts }) => attempts)) {
    last = Math.max(last, plannedAt, startedAt, endedAt, marks.at(-1)?.at ?? 0)
  }

  return last
}

/** Returns the number of a dial's attempts that have started */
export function attemptsIn ({ candidates }: DialTrace): number {
  return candidates.reduce((sum, { attempts }) => sum + attempts.filter(({ startedAt }) => startedAt != null).length, 0)
}

/** Returns a number with its noun, in singular or plural */
export function count (n: number, what: string, plural = 's'): string {
  return `${n} ${what}${n === 1 ? '' : plural}`
}

export function ms (time: number): string {
  return `${Math.round(time)} ms`
}

function durationOf ({ plannedAt, startedAt = plannedAt, endedAt = startedAt }: TraceAttempt): number {
  return endedAt - startedAt
}
