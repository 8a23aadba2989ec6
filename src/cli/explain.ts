import { printable } from '../pipeline/safe-text.ts'
import { failureIn, outcomeIn, ms, reasonOf, shortAddress } from '../trace/outcome.ts'
import { sourceText } from '../trace/result-text.ts'
import { wrapped } from './table.ts'
import type { DialTrace, TraceAttempt, TraceCandidate, TraceSource } from '../trace/types.ts'
import type { Context } from './context.ts'

/** Maximum number of addresses that are explained. Others are counted */
const MAX = 64

/** Returns what happened to each source and address as text. Lines wrap at the terminal's width */
export function explain (trace: DialTrace, { columns, paint }: Context): string {
  const paragraph = (subject: string, sentences: readonly string[]): string => [paint.bold(wrapped([printable(subject)], columns, '')), ...sentences.map(one => wrapped(printable(one).split(' '), columns, '  '))].join('\n')
  const more = trace.candidates.length - MAX + (trace.omitted?.candidates ?? 0)

  return [
    ...trace.sources.map(source => paragraph(source.stage, [sourceSentence(source)])),
    ...trace.candidates.slice(0, MAX).map(one => paragraph(shortAddress(one.address, trace), sentencesOf(one, trace))),
    ...more > 0 ? [paint.gray(`… and ${more} more addresses`)] : []
  ].join('\n')
}

function sourceSentence (source: TraceSource): string {
  const { askedAt, endedAt, error, notAsked } = source

  return notAsked != null ? sourceText(source) : `asked after ${ms(askedAt)}: ${endedAt == null && error == null ? 'has not answered' : sourceText(source)}`
}

function sentencesOf (candidate: TraceCandidate, trace: DialTrace): string[] {
  const { source, provenance, attempts } = candidate
  const known = [...source == null ? [] : [`found by ${source}`], ...provenance.length === 0 ? [] : [`reported by ${provenance.join(', ')}`]]

  return [
    ...known.length === 0 ? [] : [known.join(', ')],
    ...attempts.length === 0 ? [reasonOf(candidate, trace)] : attempts.map(attemptSentence)
  ]
}

function attemptSentence (attempt: TraceAttempt): string {
  const { plannedAt, startedAt, marks, endedAt, outcome, error } = attempt
  const marked = marks.map(({ name, at }) => `, ${name} after ${ms(at)}`).join('')
  const begun = startedAt == null ? `planned after ${ms(plannedAt)}` : `started after ${ms(startedAt)}${startedAt - plannedAt >= 1 ? ` (planned after ${ms(plannedAt)})` : ''}`

  return `${begun}${marked}, ${outcomeIn(attempt)}${endedAt == null ? '' : ` after ${ms(endedAt)}`}${error == null ? '' : `: ${outcome === 'failed' ? failureIn(attempt) : error.message}`}`
}
