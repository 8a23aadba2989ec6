import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, silent, to } from './learning.ts'
import { addresses, first, inbound, known, scene, second, stranger, third } from './outage-scene.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Scene } from './outage-scene.ts'

test('failures at two of three dialled hosts are kept', async t => {
  const { history, attempt } = await scene()
  attempt(first, silent)
  attempt(second, silent)
  attempt(third, connects)

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
      t.true(silentOnes.every(one => made.history.estimate(one).success < 0.5))
    }

    t.deepEqual(all.filter(one => made.history.estimate(one).success >= 0.3).map(String), [])
    // a connection to the peer only ends the backoff of its addresses
    t.is(all.filter(one => made.history.failures(one) != null).length, 0)
  })
}
