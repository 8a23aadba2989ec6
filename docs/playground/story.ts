import { groupRows, shortAddress } from '../../src/trace/outcome.ts'
import { candidateText, sourceText } from '../../src/trace/result-text.ts'
import type { DialTrace, TraceAttempt } from '../../src/trace/types.ts'

/** Returns table rows: the error of the dial, the answer of each source, and the outcome of each address, dialled ones first */
export function storyRows (trace: DialTrace): HTMLTableRowElement[] {
  const { attempted, others } = groupRows(trace)

  return [
    ...trace.error == null ? [] : [row('the error', withoutPeer(trace.error.message), 'failed')],
    ...trace.sources.map(source => row(source.stage, sourceText(source))),
    ...[...attempted, ...others].map(one => row(shortAddress(one.address, trace), withoutPeer(candidateText(one, trace)), one.attempts.at(-1)?.outcome))
  ]

  // every address ends in the peer id
  function withoutPeer (text: string): string {
    return text.replaceAll(`/p2p/${trace.target.peer}`, '')
  }
}

function row (name: string, fate: string, outcome: TraceAttempt['outcome'] | 'none' = 'none'): HTMLTableRowElement {
  const made = document.createElement('tr')
  const head = document.createElement('th')
  head.scope = 'row'
  head.textContent = name
  made.append(head)
  made.insertCell().textContent = fate
  made.dataset['outcome'] = outcome

  return made
}
