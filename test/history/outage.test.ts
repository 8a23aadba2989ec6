import test from 'ava'
import { connects, learning, silent, systemError, to } from './learning.ts'
import { addresses, everything, first, inbound, known, peers, scene, second, stranger, third } from './outage-scene.ts'
import type { Ending } from './learning.ts'
import type { PeerId } from '@libp2p/interface'
import type { Scene } from './outage-scene.ts'

const noRoute: Ending = { fails: 0, error: systemError('ENETUNREACH') }
const unresolved: Ending = { fails: 0, error: systemError('EAI_AGAIN') }
const withoutCode: Ending = { fails: 1, error: new Error('x') }
const refuses: Ending = { fails: 20, error: systemError('ECONNREFUSED') }
const resets: Ending = { fails: 80, heard: 30, error: systemError('ECONNRESET') }
const isWrong: Ending = { fails: 80, heard: 30, error: Object.assign(new Error('x'), { name: 'UnexpectedPeerError' }) }

/** Rounds numbers, because evidence decays over time */
function withoutTime (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => typeof one === 'number' ? Number(one.toFixed(1)) : one))
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
