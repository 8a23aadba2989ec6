import { attemptsBar } from '../../src/trace/text-bar.ts'
import type { Tried } from './attempts.ts'
import type { TraceAttempt } from '../../src/trace/types.ts'

/** Characters in a line */
export const WIDTH = 100

const BAR = 24

/** An address, and a word that describes it */
export type Word = readonly [address: string, word: string]

/** Returns a line for each address with its time and outcome. The bars are those of `explain()` */
export function draw (tried: readonly Tried[], words: readonly Word[], startedAt: number): string {
  const end = Math.max(startedAt + 1, ...tried.map(({ endedAt = startedAt }) => endedAt))

  return words.map(([address, word]) => {
    // a stage may drop an address first and keep it later
    const [one] = tried.filter(candidate => candidate.address === address).toSorted((a, b) => Number(b.startedAt != null) - Number(a.startedAt != null))
    const { startedAt: from, endedAt: to = end } = one ?? {}
    const bar = attemptsBar(one == null ? [] : attemptsOf(one, startedAt), { width: BAR, until: end - startedAt })
    const times = from == null ? '' : `${Math.round(from - startedAt)} → ${Math.round(to - startedAt)} ms`

    return clip(`  ${word.padEnd(9)} ${(address.split('/p2p/')[0] ?? '').padEnd(24)} |${bar}| ${times.padEnd(15)} ${one?.end ?? 'not tried'}`)
  }).join('\n')
}

/** Returns no attempt for an address that was dropped */
function attemptsOf ({ startedAt: from, endedAt: to, heardAt, end }: Tried, dialStart: number): TraceAttempt[] {
  return from == null
    ? []
    : [{
        plannedAt: from - dialStart,
        startedAt: from - dialStart,
        endedAt: to == null ? undefined : to - dialStart,
        marks: heardAt == null ? [] : [{ name: 'answered', at: heardAt - dialStart }],
        outcome: end === 'connected' || end === 'cancelled' ? end : to == null ? 'in flight' : 'failed'
      }]
}

/** Shortens a line to the given width */
export function clip (line: string, width = WIDTH): string {
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}
