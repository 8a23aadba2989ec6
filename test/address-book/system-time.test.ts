import test from 'ava'
import { systemClock } from '../../src/pipeline/clock.ts'
import { addr, HOUR, known, MINUTE, newKey, node } from './kit.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

// in a file of its own: the dates of this process stay ahead
test('a book of the system\'s clock dates reports by the system time', async t => {
  const { peer } = await newKey()
  const { book } = node({ clock: systemClock as unknown as VirtualClock })
  book.observe(peer, [addr(1)], { source: 'identify' })
  book.observe(peer, [addr(2)], { source: 'user' })
  t.deepEqual(Object.values(known(book, peer)), [['identify'], ['user']])

  const { now } = Date
  t.teardown(() => { Date.now = now })
  // the machine sleeps, or its clock is set
  const later = now() + HOUR + MINUTE
  Date.now = () => later
  t.deepEqual(Object.values(known(book, peer)), [['user']])
  book.observe(peer, [addr(3)], { source: 'identify' })
  const expires = book.query(peer).find(({ multiaddr }) => multiaddr.equals(addr(3)))?.provenance[0]?.expires ?? 0
  t.true(expires >= later + HOUR)
})
