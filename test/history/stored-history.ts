import { History } from '../../src/history/history.ts'
import { historyStore } from '../../src/history/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { attempt, EVEN, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { RecordStore } from '../../src/datastore/record-store.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Logger } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'
import type { Datastore } from 'interface-datastore'

export const [peer, other] = await Promise.all([newPeer(), newPeer()])
export const one = to('/ip4/7.7.7.7/tcp/1', peer)
export const two = to('/ip6/2a01::1/udp/1/quic-v1', peer)
export const three = to('/ip4/9.9.9.9/tcp/1/ws', other)

/** A node's history with its store */
interface Life {
  clock: VirtualClock
  history: History
  store: RecordStore
  log: string[]
  tell (candidate: Candidate, ending: Ending): void
}

/** Returns a store that is not open yet */
export function begin (datastore: Datastore, clock: VirtualClock = new VirtualClock(1_000_000)): Life {
  const log: string[] = []
  const write = (...parts: unknown[]): void => { log.push(parts.join(' ')) }
  const history = new History(clock, EVEN)
  const store = historyStore(history.networks, datastore, clock, Object.assign(write, { error: write }) as unknown as Logger)

  return { clock, history, store, log, tell: (candidate, ending) => { attempt(history, clock.now(), candidate, ending) } }
}

/** Opens the history of a node on a datastore */
export async function live (datastore: Datastore, clock?: VirtualClock): Promise<Life> {
  const life = begin(datastore, clock)
  await life.store.open()

  return life
}

/** Returns all that a history answers about the three addresses */
export function everything ({ history }: Life): unknown {
  return [
    [one, two, three].map(one => [history.estimate(one), history.failures(one)]),
    [peer, other].map(peer => history.online(peer)),
    [history.path('udp'), history.path('ip6')]
  ]
}

/** Compares with a tolerance, because stored numbers have four decimals */
export function isClose (t: ExecutionContext, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map(split) as [Split, Split]

  t.is(a.rest, b.rest)
  t.deepEqual(a.numbers.filter((number, i) => Math.abs(number - (b.numbers[i] ?? NaN)) > 1e-3 * Math.max(1, number)), [])
}

interface Split { rest: string, numbers: number[] }

function split (value: unknown): Split {
  const numbers: number[] = []
  const rest = JSON.stringify(value, (_, one: unknown) => {
    if (typeof one !== 'number') {
      return one
    }

    numbers.push(one)
    return '#'
  })

  return { rest, numbers }
}
