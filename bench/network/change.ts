import { setTimeout as sleep } from 'node:timers/promises'
import { diallingNode } from './dialling-node.ts'
import { GAP } from './measure.ts'
import { peersOf } from './peers.ts'
import { seeded } from './random.ts'
import { attemptsOf, interval, latenessText, ms, regrets, table, timesOf, validity } from './report.ts'
import { minConnectTime, roundTrip } from './scenarios.ts'
import { mean, pairedDifference } from './statistics.ts'
import { FIXED, FIXED_QUIC_FIRST, ORACLE, nameOf, strategies } from './strategies.ts'
import { trial } from './trial.ts'
import type { Mirror } from '../../test/helpers/network/mirror.ts'
import type { Claim } from '../claims.ts'
import type { ListeningPeer } from './listeners.ts'
import type { Transport, Truth } from './scenarios.ts'
import type { Trial } from './trial.ts'

interface Change {
  readonly title: string
  /** The kind of address that breaks and recovers. It comes first in the list of each peer */
  readonly breaks: Pick<Truth, 'transport' | 'version'>
  /** The kind of address that always works */
  readonly lasts: Pick<Truth, 'transport' | 'version'>
  /** The strategy with a fixed delay that dials the broken kind first */
  readonly rival: string
}

/** The number of sequences of peers. A node of its own dials each sequence */
const SEQUENCES = 5

/** Milliseconds between two dials of one node */
const PAUSE = 20

/** The number of consecutive peers whose mean describes the dialer at that moment */
const WINDOW = 5

/** The tolerance in milliseconds within which a dialer is as good as at the end of the phase */
const RELEARNT = 25

const ADAPTIVE = nameOf('adaptive()', 'nothing')

/** The ranges of peers after a change, one for each column of the report */
const COLUMNS = [[1, 1], [2, 2], [3, 3], [4, 5], [6, 10], [11, 20], [21, Infinity]] as const

const PHASES = ['before', 'broken', 'repaired'] as const

export function changes (blocked: 'quic' | 'tcp', open: Transport): Change[] {
  return [
    {
      title: `${blocked === 'quic' ? 'UDP' : 'TCP'} is blocked after a while, and later is not`,
      breaks: { transport: blocked, version: 4 },
      lasts: { transport: open, version: 4 },
      rival: blocked === 'quic' ? FIXED_QUIC_FIRST : FIXED
    },
    {
      title: 'IPv6 is broken after a while, and later is not',
      breaks: { transport: 'tcp', version: 6 },
      lasts: { transport: 'tcp', version: 4 },
      rival: FIXED
    }
  ]
}

/** Runs S12: one node dials peer after peer while the network changes. Its history is wrong after each change until it has relearnt */
export async function change ({ title, breaks, lasts, rival }: Change, listening: readonly ListeningPeer[], mirror: Mirror): Promise<{ report: string, claims: Claim[] }> {
  const length = Math.floor(listening.length / PHASES.length)
  const names = new Set([FIXED, rival, ADAPTIVE, ORACLE])
  const sequences = Array.from({ length: SEQUENCES }, (_, seed) => peersOf((random, i): Truth[] => {
    // both addresses of a peer have the same round trip
    const time = roundTrip(random)
    const isBroken = Math.floor(i / length) === PHASES.indexOf('broken')

    return [{ ...breaks, fate: isBroken ? 'silent' : 'answers', roundTrip: time }, { ...lasts, fate: 'answers', roundTrip: time }]
  }, listening.slice(0, length * PHASES.length), seeded(seed)))

  await mirror.lateness()

  /** The results of each peer, by dialer and sequence */
  const results = new Map(await Promise.all(strategies.filter(({ name }) => names.has(name)).map(async (strategy, i) => [
    strategy.name,
    await Promise.all(sequences.map(async (peers, j) => {
      const node = await diallingNode(strategy.pipeline)
      const trials: Trial[] = []
      await sleep((i + j * names.size) * GAP)

      for (const peer of peers) {
        trials.push(await trial(node, strategy, peer))
        await sleep(PAUSE)
      }

      await node.stop()

      return { regrets: regrets(timesOf(trials), peers.map(({ truths }) => minConnectTime(truths))), attempts: attemptsOf(trials) }
    }))
  ] as const)))

  const lateness = await mirror.lateness()
  const columns = COLUMNS.filter(([from]) => from <= length)
  const rows = PHASES.flatMap((phase, i) => [...results].map(([name, sequences]) => {
    const byPeer = phaseOf(sequences.map(({ regrets }) => regrets), i)
    const attempts = mean(phaseOf(sequences.map(({ attempts }) => attempts), i))
    const cells = columns.map(([from, to]) => ms(mean(byPeer.slice(from - 1, to))))

    return [phase, name].concat(cells, ms(mean(byPeer)), attempts.toFixed(2), name === ADAPTIVE && i > 0 ? `${relearntAfter(byPeer)}` : '')
  }))

  return {
    report: [
      `### S12: ${title}`,
      `${SEQUENCES} sequences of ${length} peers before, while and after, each dialled one after another by one node that knows nothing at first. Mean regret in milliseconds of the nth peer of a phase:`,
      table(['network', 'dialer', ...columns.map(([from, to]) => from === to ? `${from}` : to === Infinity ? `${from}–` : `${from}–${to}`), 'all', 'attempts', 'relearnt after'], rows),
      latenessText(lateness)
    ].join('\n\n'),
    claims: [validity(`S12, ${title}`, flat(ORACLE, undefined), lateness), claimOver(PHASES.indexOf('broken'), 'while it is broken'), claimOver(undefined, 'in all')]
  }

  function claimOver (phase: number | undefined, when: string): Claim {
    const own = flat(ADAPTIVE, phase)
    const difference = pairedDifference(own, flat(rival, phase))

    return { text: `S12, ${title}: ${ADAPTIVE} regrets less than ${rival} ${when}: ${interval(difference)} ms`, isMet: difference.high < 0 }
  }

  function flat (name: string, phase: number | undefined): number[] {
    return (results.get(name) ?? []).flatMap(({ regrets }) => phase == null ? regrets : regrets.slice(phase * length, (phase + 1) * length))
  }

  /** Returns the mean of all sequences for each peer of a phase */
  function phaseOf (sequences: readonly number[][], phase: number): number[] {
    return Array.from({ length }, (_, i) => mean(sequences.map(values => values[phase * length + i] ?? NaN)))
  }
}

/** Returns the number of peers after which the dialer is as good as at the end of the phase */
function relearntAfter (byPeer: readonly number[]): number {
  const steady = mean(byPeer.slice(-2 * WINDOW))

  return byPeer.findIndex((_, i) => mean(byPeer.slice(i, i + WINDOW)) <= steady + RELEARNT)
}
