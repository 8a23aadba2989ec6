import test from 'ava'
import { scene } from './scene.ts'

test('at the limit, add() evicts the ban that expires first', async t => {
  const { bans, clock } = scene(3)
  const evicted: unknown[] = []
  bans.onEvict = ({ target }) => { evicted.push(target) }
  bans.add('10.0.0.0/24', Infinity)
  bans.add('10.0.1.0/24', 1_000)
  bans.add('10.0.2.0/24', 5_000)
  bans.add('10.0.3.0/24', 3_000)
  t.deepEqual(bans.list().map(({ target }) => target), ['10.0.0.0/24', '10.0.2.0/24', '10.0.3.0/24'])
  t.deepEqual(evicted, ['10.0.1.0/24'])

  // an expired ban makes room
  await clock.advance(4_000)
  bans.add('10.0.4.0/24', 10)
  t.deepEqual(bans.list().map(({ target }) => target), ['10.0.0.0/24', '10.0.2.0/24', '10.0.4.0/24'])
  t.deepEqual(evicted, ['10.0.1.0/24'])
})

test('add() never evicts the new ban, even if it expires first', t => {
  const { bans } = scene(2)
  bans.add('10.0.0.0/24', 5_000)
  bans.add('10.0.1.0/24', Infinity)
  bans.add('10.0.2.0/24', 1)
  t.deepEqual(bans.list().map(({ target }) => target), ['10.0.1.0/24', '10.0.2.0/24'])
})

test('add() evicts permanent bans last, the oldest first', async t => {
  const { bans, clock } = scene(3)

  for (let i = 0; i < 3; i++) {
    bans.add(`10.0.${i}.0/24`, Infinity)
    await clock.advance(1)
  }

  // a restored ban counts as older than a ban from before the restore
  bans.restore({ target: '10.0.9.0/24', since: 1, until: Infinity })
  t.deepEqual(bans.list().map(({ target }) => target), ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'])
  bans.add('10.0.3.0/24', Infinity)
  bans.add('10.0.4.0/24', 1_000)
  t.deepEqual(bans.list().map(({ target }) => target), ['10.0.2.0/24', '10.0.3.0/24', '10.0.4.0/24'])
  bans.add('10.0.5.0/24', Infinity)
  t.deepEqual(bans.list().map(({ target }) => target), ['10.0.2.0/24', '10.0.3.0/24', '10.0.5.0/24'])
})

test('the default limit is 10,000 bans', t => {
  const { bans } = scene()
  let evicted = 0
  bans.onEvict = () => { evicted++ }

  for (let i = 0; i < 10_000; i++) {
    bans.add(`10.0.${i >> 8}.${i & 255}`, 1_000)
  }

  t.is(evicted, 0)
  bans.add('192.0.2.1', 1_000)
  t.is(evicted, 1)
  t.is(bans.list().length, 10_000)
})

test('repeating a ban at the limit evicts nothing', t => {
  const { bans } = scene(2)
  bans.onEvict = () => { t.fail() }
  bans.add('10.0.0.0/24', 1_000)
  bans.add('10.0.1.0/24', Infinity)
  bans.add('10.0.0.0/24', 2_000)
  bans.add('10.0.1.7/24', 1)
  t.is(bans.list().length, 2)
})
