import { element, textAt } from '../../src/trace/svg-text.ts'
import { picture } from './picture.ts'

const WIDTH = 470
const LEFT = 16
const BOX = 320
const GAP = 40
const RIGHT = LEFT + BOX

interface Step {
  readonly name: string
  readonly lines: readonly string[]
  /** The kinds of stages that lead to the next step */
  readonly stages?: string
  /** Whether the lines are code */
  readonly isCode?: boolean
}

const STEPS: readonly Step[] = [
  { name: 'Target', lines: ['a peer id, addresses, or both'], stages: 'sources add, filters drop, rankers order' },
  { name: 'List', lines: ['1  /ip4/203.0.113.7/tcp/4001', '2  /dns4/node.example/tcp/443/wss', '3  /ip4/198.51.100.9/…/p2p-circuit'], isCode: true, stages: 'paces and holds say when' },
  { name: 'Race', lines: [], stages: 'verify() and requireProtocol() check' },
  { name: 'Connections', lines: ['the first one goes to every caller'], stages: 'converge() goes on for a better one' },
  { name: 'Convergence', lines: ['new streams use the best connection,', 'the others close when they are idle'] }
]

const HEAD = 30
const LINE = 20
const RACE = 58

/** Draws the steps of a dial */
export function drawConcepts (): string {
  const parts: string[] = []
  const tops: number[] = []
  let y = 16

  for (const step of STEPS) {
    const height = HEAD + (step.name === 'Race' ? RACE : step.lines.length * LINE + 6)
    tops.push(y)
    parts.push(element('rect', { x: LEFT, y, width: BOX, height, rx: 8, class: 'box' }), textAt(LEFT + 14, y + 23, step.name, { class: 'bold big' }))
    parts.push(...step.lines.map((line, i) => textAt(LEFT + 14, y + HEAD + 14 + i * LINE, line, { class: step.isCode === true ? 'code' : '' })))

    if (step.name === 'Race') {
      parts.push(drawRace(LEFT + 14, y + HEAD + 6))
    }

    y += height

    if (step.stages != null) {
      parts.push(arrow(LEFT + 28, y + 4, y + GAP - 6), textAt(LEFT + 44, y + GAP / 2 + 4, step.stages, { class: 'dim small' }))
      y += GAP
    }
  }

  const [, list = 0, race = 0] = tops

  return picture({ width: WIDTH, height: y + 16, label: 'A target becomes a list, the list a race, the race connections, and these converge. Whatever is learnt makes the list again' }, [...parts, drawLoop(race + 44, list + 44)])
}

function arrow (x: number, from: number, to: number): string {
  return element('path', { d: `M${x} ${from}V${to}m-5 -6l5 6l5 -6`, class: 'line' })
}

/** Draws three attempts, of which the second connects */
function drawRace (x: number, y: number): string {
  const bars = [[0, 190, 'quiet'], [80, 110, 'good'], [160, 30, 'quiet']] as const

  return bars.map(([from, length, colour], i) => element('rect', { x: x + from, y: y + i * 16, width: length, height: 9, rx: 2, class: colour })).join('') +
    textAt(x + 202, y + 25, 'connected', { class: 'good small' })
}

/** Draws the arrow from the race back to the list */
function drawLoop (from: number, to: number): string {
  const x = RIGHT + 22

  return element('path', { d: `M${RIGHT + 2} ${from}H${x}V${to}H${RIGHT + 6}m6 -5l-6 5l6 5`, class: 'loop' }) +
    ['a DNS answer,', 'a failure or', 'a new caller', 'makes a new', 'list'].map((line, i) => textAt(x + 6, (from + to) / 2 - 30 + i * 18, line, { class: 'accent small' })).join('')
}
