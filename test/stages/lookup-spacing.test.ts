import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { LookupSpacing } from '../../src/stages/lookup-spacing.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Libp2pEvents } from '@libp2p/interface'

function spacing (): { clock: VirtualClock, events: TypedEventEmitter<Libp2pEvents>, spacing: LookupSpacing, connect (peer: string): void } {
  const clock = new VirtualClock(1_000_000)
  const events = new TypedEventEmitter<Libp2pEvents>()

  return {
    clock,
    events,
    spacing: new LookupSpacing({ events, clock }),
    connect: peer => { events.safeDispatchEvent('connection:open', { detail: { remotePeer: { toString: () => peer } } as any }) }
  }
}

/** Looks a peer up if it is due. Returns the milliseconds until the next look-up */
function lookUp (lookups: LookupSpacing, peer: string, known: readonly string[], found: readonly string[] = []): number {
  const wait = lookups.waitFor(peer, known)

  if (wait === 0) {
    lookups.ended(peer, known, found)
  }

  return wait
}

test('look-ups of a peer are spaced by 30 s, doubled up to 10 min', async t => {
  const { clock, spacing: lookups } = spacing()
  const waits: number[] = []

  for (let i = 0; i < 8; i++) {
    t.is(lookUp(lookups, 'peer', ['a']), 0)
    const wait = lookUp(lookups, 'peer', ['a'])
    waits.push(wait / 1_000)
    await clock.advance(wait)
  }

  t.deepEqual(waits, [30, 60, 120, 240, 480, 600, 600, 600])
})

test('look-ups of one peer do not delay those of another', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual([lookUp(lookups, 'one', ['a']), lookUp(lookups, 'other', ['a'])], [0, 0])
})

test('a look-up without an answer delays no other', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual([lookups.waitFor('peer', ['a']), lookups.waitFor('peer', ['a'])], [0, 0])
})

test('a peer without known addresses is looked up each time', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual(Array.from({ length: 5 }, () => lookUp(lookups, 'peer', [])), [0, 0, 0, 0, 0])
})

test('a new address of a peer ends the spacing', async t => {
  const { clock, spacing: lookups } = spacing()
  lookUp(lookups, 'peer', ['a'], ['b'])
  t.is(lookUp(lookups, 'peer', ['a', 'b']), 30_000)
  t.is(lookUp(lookups, 'peer', ['a', 'c']), 0)
  await clock.advance(29_999)
  t.is(lookUp(lookups, 'peer', ['a', 'c']), 1)
})

test('a new address of a peer with 1,000 addresses does not end the spacing', t => {
  const { spacing: lookups } = spacing()
  const many = Array.from({ length: 1_000 }, (_, i) => `address ${i}`)
  lookUp(lookups, 'peer', many)
  t.is(lookUp(lookups, 'peer', [...many, 'another']), 30_000)
})

test('dials that alternate between two addresses do not end the spacing', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual(['a', 'b', 'a', 'b', 'a'].map(one => lookUp(lookups, 'peer', [one]) > 0), [false, false, true, true, true])
})

test('a connection to the peer ends the spacing, and one to another peer does not', t => {
  const { spacing: lookups, connect } = spacing()
  lookUp(lookups, 'peer', ['a'])
  connect('other')
  t.is(lookUp(lookups, 'peer', ['a']), 30_000)
  connect('peer')
  t.is(lookUp(lookups, 'peer', ['a']), 0)
  t.is(lookUp(lookups, 'peer', ['a']), 30_000)
})

test('the spacing remembers at most 2,000 peers', t => {
  const { spacing: lookups } = spacing()
  Array.from({ length: 10_000 }, (_, i) => lookUp(lookups, `peer ${i}`, ['a']))
  const held = Array.from({ length: 10_000 }, (_, i) => lookUp(lookups, `peer ${9_999 - i}`, ['a'])).filter(wait => wait > 0).length
  t.true(held > 0 && held <= 2_000, `${held}`)
})

test('a peer that was never connected is looked up at most once in ten seconds', async t => {
  const { clock, spacing: lookups } = spacing()
  t.deepEqual([lookups.admits(false), lookups.admits(false)], [true, false])
  await clock.advance(9_999)
  t.false(lookups.admits(false))
  await clock.advance(1)
  t.true(lookups.admits(false))
})

test('after three look-ups in vain, a peer that was connected is looked up at most once in ten seconds', async t => {
  const { clock, spacing: lookups } = spacing()

  for (let i = 0; i < 3; i++) {
    t.true(lookups.admits(true))
    lookUp(lookups, `peer ${i}`, ['a'], ['a'])
  }

  t.deepEqual([lookups.admits(true), lookups.admits(true)], [true, false])
  await clock.advance(10_000)
  t.true(lookups.admits(true))
})

test('a look-up that finds a new address ends the series of look-ups in vain', t => {
  const { spacing: lookups } = spacing()

  for (let i = 0; i < 5; i++) {
    lookUp(lookups, `peer ${i}`, ['a'])
  }

  lookUp(lookups, 'unknown', [], ['a'])
  t.deepEqual([lookups.admits(true), lookups.admits(true)], [true, false])
  lookUp(lookups, 'moved', ['a'], ['a', 'b'])
  t.deepEqual([lookups.admits(true), lookups.admits(true)], [true, true])
})
