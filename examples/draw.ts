import type { Tried } from './attempts.ts'

/** Characters of a line */
export const WIDTH = 100

const BAR = 24

/** An address of a picture, and a word that says what the address is */
export type Word = readonly [address: string, word: string]

/** Returns a line for each address: when it was tried, and what became of it. The bar: ░ nothing heard yet, █ handshake */
export function draw (tried: readonly Tried[], words: readonly Word[], startedAt: number): string {
  const end = Math.max(startedAt + 1, ...tried.map(({ endedAt = startedAt }) => endedAt))
  const columnOf = (time: number): number => Math.min(BAR - 1, Math.floor((time - startedAt) / (end - startedAt) * BAR))

  return words.map(([address, word]) => {
    // a stage may drop an address first, and let it pass later
    const [one] = tried.filter(candidate => candidate.address === address).toSorted((a, b) => Number(b.startedAt != null) - Number(a.startedAt != null))
    const { startedAt: from, endedAt: to = end, heardAt } = one ?? {}
    const bar = Array.from({ length: BAR }, (_, i) => from == null || i < columnOf(from) || i > columnOf(to) ? ' ' : heardAt == null || i < columnOf(heardAt) ? '░' : '█').join('')
    const times = from == null ? '' : `${Math.round(from - startedAt)} → ${Math.round(to - startedAt)} ms`

    return clip(`  ${word.padEnd(9)} ${(address.split('/p2p/')[0] ?? '').padEnd(24)} |${bar}| ${times.padEnd(15)} ${one?.end ?? 'not tried'}`)
  }).join('\n')
}

/** Shortens a line to what fits */
export function clip (line: string, width = WIDTH): string {
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}
