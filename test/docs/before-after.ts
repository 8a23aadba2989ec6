import { element, textAt } from '../../src/trace/svg-text.ts'
import { picture } from './picture.ts'
import type { RecordedAttempt, RecordedDial } from './recorded-dials.ts'

const WIDTH = 600
const LEFT = 96
const RIGHT = 584
const ROW = 27
const BAR = 13
/** The end of the time axis in milliseconds, at which libp2p's own dialer gives up */
const END = 10_000
/** Milliseconds after which a reader sees that an attempt started late */
const SOON = 50

/** libp2p's timeout for one address, in milliseconds */
const TIMEOUT = 6_000

/** The words of the tests for an address, in words for readers */
const WORDS: Readonly<Record<string, string>> = { blackhole: 'silent', good: 'good' }

const x = (ms: number): number => LEFT + (RIGHT - LEFT) * Math.min(ms, END) / END
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 1_000 ? 2 : 0)} s`

/** Draws recorded dials of the same addresses, one below the other, on one time axis */
export function drawBeforeAfter (dials: readonly RecordedDial[]): string {
  const parts: string[] = []
  let y = 30

  for (const dial of dials) {
    parts.push(...drawDial(dial, y))
    y += 16 + dial.attempts.length * ROW + 34
  }

  const height = y + 4
  const grid = [0, 2, 4, 6, 8, 10].map(s => element('line', { x1: x(s * 1_000), x2: x(s * 1_000), y1: 40, y2: y - 30, class: 'grid' }) +
    textAt(x(s * 1_000), y - 12, s === 10 ? '10 s' : `${s}`, { class: 'dim small', 'text-anchor': s === 10 ? 'end' : 'middle' }))
  const label = `A peer with two silent addresses and a good one. ${dials.map(dial => `${dial.name}: ${resultOf(dial)}`).join('. ')}`

  return picture({ width: WIDTH, height, label }, [...grid, ...parts])
}

function drawDial (dial: RecordedDial, y: number): string[] {
  return [
    element('rect', { x: 1, y: y - 22, width: WIDTH - 2, height: 30, class: 'back' }),
    textAt(16, y, dial.name, { class: 'bold big' }),
    textAt(RIGHT, y, resultOf(dial), { class: `bold big ${dial.isConnected ? 'good' : 'bad'}`, 'text-anchor': 'end' }),
    ...dial.attempts.map((attempt, i) => drawAttempt(attempt, y + 30 + i * ROW, dial))
  ]
}

function drawAttempt (attempt: RecordedAttempt, y: number, dial: RecordedDial): string {
  const label = textAt(16, y, WORDS[attempt.word] ?? attempt.word)
  const { from, to } = attempt

  if (from == null || to == null) {
    return label + textAt(LEFT + 8, y, 'not tried', { class: 'bad small' })
  }

  const isWinner = dial.isConnected && attempt.word === 'good'
  const bar = element('rect', { x: x(from), y: y - BAR + 1, width: Math.max(3, x(to) - x(from)), height: BAR, rx: 2, class: isWinner ? 'good' : 'quiet' })
  const isLate = x(to) > WIDTH * 0.7

  return label + bar + textAt(isLate ? x(from) - 8 : x(to) + 8, y, noteOf(attempt, isWinner), { class: isWinner ? 'good small' : 'dim small', 'text-anchor': isLate ? 'end' : 'start' })
}

function noteOf ({ from = 0, to = 0 }: RecordedAttempt, isWinner: boolean): string {
  const start = from < SOON ? 'starts at once' : `starts after ${seconds(from)}`

  return isWinner ? `${start}, connects` : to - from > TIMEOUT - SOON ? `gives up after ${seconds(to - from)}` : start
}

function resultOf ({ isConnected, ms }: RecordedDial): string {
  return isConnected ? `connected after ${seconds(ms)}` : `fails after ${seconds(ms)}`
}
