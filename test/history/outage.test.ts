import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { newPeer } from '../helpers/scripted.ts'
import { connects, learning, MINUTE, silent, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { History } from '../../src/history/history.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

const peers = await Promise.all(Array.from({ length: 10 }, newPeer))
const stranger = await newPeer()
const addresses = peers.map((peer, n) => to(`/ip6/2a01:${n + 1}::1/udp/1/quic-v1`, peer))
const [first, second, third, fourth] = addresses as [Candidate, Candidate, Candidate, Candidate]

const noRoute: Ending = { fails: 0, error: systemError('ENETUNREACH') }
const unresolved: Ending = { fails: 0, error: systemError('EAI_AGAIN') }
const withoutCode: Ending = { fails: 1, error: new Error('x') }
const refuses: Ending = { fails: 20, error: systemError('ECONNREFUSED') }
const resets: Ending = { fails: 80, heard: 30, error: systemError('ECONNRESET') }
const isWrong: Ending = { fails: 80, heard: 30, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) }
const inbound = (address: string): any => ({ direction: 'inbound', remoteAddr: multiaddr(address) })

function everything (history: History): unknown {
  return [
    addresses.map(one => [history.estimate(one), history.failures(one)]),
    peers.map(peer => history.online(peer)),
    [history.path('udp'), history.path('ip6')]
  ]
}

/** Returns the number of addresses with failures */
function known (history: History, candidates: readonly Candidate[] = addresses): number {
  return candidates.filter(one => history.failures(one) != null).length
}

interface Scene extends ReturnType<typeof learning> {
  /** Estimates before the outage */
  before: unknown
}

/** A node that has dialled its peers, and then had no activity for an hour */
async function scene (): Promise<Scene> {
  const made = learning()
  addresses.slice(0, 8).forEach(one => { made.attempt(one, connects) })
  made.attempt(fourth, silent)
  made.history.unreachable(peers[3] as PeerId)
  await made.clock.advance(60 * MINUTE)
  made.history.connected(stranger)
  await made.clock.advance(10_000)

  return { ...made, before: everything(made.history) }
}

for (const [what, ending] of [['silence', silent], ['a missing route', noRoute], ['DNS', unresolved], ['no code', withoutCode]] as const) {
  for (const [sign, give] of [
    ['a connection that another peer begins', ({ history }: Scene) => { history.connected(stranger, inbound('/ip4/7.7.7.7/tcp/1')) }],
    ['bytes on an open connection', ({ history }: Scene) => { history.received() }]
  ] as const) {
    test(`failures by ${what} are removed at the end of an outage: ${sign}`, async t => {
      const made = await scene()
      const { history, attempt, clock, before } = made

      for (const [n, one] of addresses.slice(0, 8).entries()) {
        await clock.advance(10_000)
        attempt(one, ending)
        attempt(one, { cancelled: 5_000 })
        history.unreachable(peers[n] as PeerId)
      }

      t.notDeepEqual(everything(history), before)
      give(made)
      t.deepEqual(withoutTime(everything(history)), withoutTime(before))
    })
  }
}

/** Rounds numbers, because evidence decays over time */
function withoutTime (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => typeof one === 'number' ? Number(one.toFixed(1)) : one))
}

for (const [what, ending] of [['refuses', refuses], ['resets', resets], ['is another', isWrong], ['connects', connects]] as const) {
  test(`an outage ends when a peer ${what}, and that outcome is recorded`, async t => {
    const { history, attempt, clock } = await scene()
    attempt(first, silent)
    attempt(second, silent)
    attempt(third, silent)
    t.is(known(history, [first, second, third]), 3)
    await clock.advance(1_000)
    attempt(second, ending)

    t.deepEqual([first, second, third].map(one => history.failures(one)?.count), [undefined, ending === connects ? undefined : 1, undefined])
  })
}

test('an outage ends at the first response of an attempt', async t => {
  const { history, attempt } = await scene()
  attempt(first, silent)
  attempt(second, silent)
  attempt(third, silent)
  history.answered(second)

  t.is(known(history, [first, second, third]), 0)
})

for (const [ms, count] of [[2_999, 3], [3_000, 0]] as const) {
  test(`failures of a silent period of ${ms} ms are ${count === 0 ? 'removed' : 'kept'}`, async t => {
    const { history, attempt, clock } = await scene()
    addresses.slice(0, 3).forEach(one => { attempt(one, { fails: 0, error: new Error('x') }) })
    await clock.advance(ms)
    history.connected(stranger)

    t.is(known(history, addresses.slice(0, 3)), count)
  })
}

test('the failures of a single host are removed when no other was dialled', async t => {
  const { history, attempt, clock } = learning()
  attempt(first, silent)
  await clock.advance(1_000)
  attempt(first, silent)
  t.is(history.path('ip6').failures, 1)
  attempt(first, connects)

  t.deepEqual(history.path('ip6'), { successes: 1, failures: 0, failuresInARow: 0 })
  t.true(history.online(peers[0] as PeerId) > 0.8)
})

test('failures at two of three dialled hosts are kept', async t => {
  const { history, attempt } = await scene()
  attempt(first, silent)
  attempt(second, silent)
  attempt(third, connects)

  t.is(known(history, [first, second]), 2)
})

test('failures are kept when bytes arrive from another host', async t => {
  const { history, attempt } = await scene()
  attempt(first, silent)
  attempt(second, silent)
  history.received()

  t.is(known(history, [first, second]), 2)
})

test('failures of hosts that never answered are kept when bytes arrive', async t => {
  const { history, attempt, clock } = learning()
  addresses.forEach(one => { attempt(one, silent) })
  history.received()
  t.is(known(history), 10)

  await clock.advance(10_000)
  addresses.forEach(one => { attempt(one, silent) })
  history.connected(stranger)
  t.deepEqual(addresses.map(one => history.failures(one)?.count), addresses.map(() => 1))
})

test('failures before an outage are kept', async t => {
  const { history, attempt, clock } = await scene()
  attempt(first, silent)
  history.received()
  await clock.advance(1)
  attempt(second, { fails: 60_000 })
  t.is(known(history, [first, second]), 2)

  await clock.advance(10_000)
  addresses.forEach(one => { attempt(one, silent) })
  t.is(history.failures(first)?.count, 2)
  history.connected(stranger)

  t.is(history.failures(first)?.count, 1)
  t.is(history.failures(second)?.count, 1)
  t.is(known(history), 3)
})

test('failures of attempts that were silent while others were answered are kept', async t => {
  const { history, attempt, clock } = await scene()
  await clock.advance(10_000)
  history.received()
  await clock.advance(5_000)
  addresses.forEach(one => { attempt(one, silent) })
  await clock.advance(5_000)
  history.connected(stranger)

  t.is(known(history), 10)
})

test('answers on this machine do not end an outage', async t => {
  const { history, attempt, clock } = await scene()
  const local = to('/ip4/127.0.0.1/tcp/1', stranger)
  addresses.forEach(one => { attempt(one, silent) })
  await clock.advance(5_000)
  attempt(local, connects)
  attempt(to('/memory/a'), refuses)
  history.connected(stranger, inbound('/ip4/127.0.0.1/tcp/1'))
  history.answered(local)
  t.is(known(history), 10)

  history.connected(peers[0] as PeerId, inbound('/ip6/::1/tcp/1'))
  t.is(history.failures(first), undefined)
  const online = history.online(peers[0] as PeerId)
  history.connected(stranger)
  t.is(known(history), 1)
  t.is(history.online(peers[0] as PeerId), online)
})

test('the end of an outage removes failures of the current network only', async t => {
  const { history, attempt, clock } = learning()
  history.networkChanged('home')
  addresses.forEach(one => { attempt(one, refuses) })
  await clock.advance(10_000)
  history.networkChanged('café')
  await clock.advance(10_000)
  addresses.forEach(one => { attempt(one, silent) })
  history.connected(stranger)
  t.is(known(history), 0)

  history.networkChanged('home')
  t.is(known(history), 10)
})

test('networkChanged() ends an outage and removes its failures', async t => {
  const { history, attempt, clock } = learning()
  history.networkChanged('home')
  await clock.advance(10_000)
  addresses.forEach(one => { attempt(one, silent) })
  history.networkChanged('café')
  history.networkChanged('home')

  t.is(known(history), 0)
})

test('an outage of 15,000 addresses restores up to 10,000 records', async t => {
  const { history, attempt, clock } = learning()
  const many = Array.from({ length: 15_000 }, (_, n) => to(`/ip4/8.${n >> 8}.${n & 255}.1/tcp/1`))
  many.forEach(one => { attempt(one, { fails: 20, error: new Error('x') }) })
  await clock.advance(10_000)
  history.connected(stranger)

  const count = known(history, many)
  t.true(count > 1_000 && count < 10_000, `${count}`)
})

for (const [what, each] of [
  ['one after the other', async ({ attempt, clock }: Scene, silentOnes: Candidate[]) => {
    for (const one of silentOnes) {
      await clock.advance(6_000)
      attempt(one, silent)
    }
  }],
  ['side by side', async ({ attempt, clock }: Scene, silentOnes: Candidate[]) => {
    await clock.advance(6_000)
    silentOnes.forEach(one => { attempt(one, silent) })
  }]
] as const) {
  test(`no failure is taken for an outage in attempts to 50 peers with three silent addresses, dialled ${what}`, async t => {
    const made: Scene = { ...learning(), before: undefined }
    const all: Candidate[] = []

    for (let n = 0; n < 50; n++) {
      const peer = await newPeer()
      const silentOnes = [1, 2, 3].map(host => to(`/ip4/8.${host}.${n}.1/tcp/1`, peer))
      all.push(...silentOnes)
      await each(made, silentOnes)
      made.attempt(to(`/ip4/8.4.${n}.1/tcp/1`, peer), connects)
      made.history.connected(peer, inbound(`/ip4/8.4.${n}.1/tcp/1`))
      made.history.received()
      t.true(silentOnes.every(one => made.history.path('udp').failures === 0 && made.history.estimate(one).success < 0.5))
    }

    t.deepEqual(all.filter(one => made.history.estimate(one).success >= 0.3).map(String), [])
    // a connection to the peer only ends the backoff of its addresses
    t.is(all.filter(one => made.history.failures(one) != null).length, 0)
  })
}
