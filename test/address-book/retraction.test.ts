// what is said is a set for each source and reporter: it can be taken back as a whole, and address by address
import test from 'ava'
import { addr, addrs, HOUR, known, newPeers, node } from './kit.ts'

const [peer, other, reporter] = await newPeers(3) as [any, any, any]

test('a report that replaces takes back what the same source and reporter named before, and nothing that others named', t => {
  const { book } = node()
  book.observe(peer, addrs(1, 4), { source: 'tracker', reporter })
  book.observe(peer, addr(1), { source: 'tracker' })
  book.observe(peer, addr(2), { source: 'user' })
  book.observe(other, addr(1), { source: 'tracker', reporter })

  t.is(book.observe(peer, [addr(3), addr(4)], { source: 'tracker', reporter, replaces: true }), 2)

  t.deepEqual(known(book, peer), { [`${addr(1)}`]: ['tracker'], [`${addr(2)}`]: ['user'], [`${addr(3)}`]: ['tracker'], [`${addr(4)}`]: ['tracker'] })
  t.deepEqual(known(book, other), { [`${addr(1)}`]: ['tracker'] })
})

test('a report of no addresses that replaces takes back all, and a peer of whom nothing is left is not known', t => {
  const { book } = node()
  t.is(book.observe(peer, [], { source: 'tracker', replaces: true }), 0)
  t.is(book.size, 0)
  book.observe(peer, addrs(1, 3), { source: 'tracker' })

  book.observe(peer, [], { source: 'tracker' })
  t.is(book.query(peer).length, 2)
  book.observe(peer, [], { source: 'tracker', replaces: true })
  t.is(book.size, 0)
})

test('a report that replaces tells of a change where addresses go, and not where the same are named again', t => {
  const { book } = node()
  let changes = 0
  book.observe(peer, addrs(1, 3), { source: 'tracker' })
  book.subscribe(peer, () => { changes++ })

  book.observe(peer, addrs(1, 3), { source: 'tracker', replaces: true })
  t.is(changes, 0)
  book.observe(peer, addr(1), { source: 'tracker', replaces: true })
  t.is(changes, 1)
})

test('an address that a connected peer takes back is gone, unless a connection uses it', async t => {
  const { book, clock, connect } = node()
  await book.start()
  book.observe(peer, addrs(1, 4), { source: 'identify', reporter: peer })
  connect(peer, addr(2), 'inbound')

  book.observe(peer, addr(3), { source: 'identify', reporter: peer, replaces: true })

  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['observed'], [`${addr(3)}`]: ['identify'] })
  await clock.advance(2 * HOUR)
  t.deepEqual(known(book, peer), { [`${addr(2)}`]: ['observed'], [`${addr(3)}`]: ['identify'] })
})

test('replaces is true or false', t => {
  t.throws(() => node().book.observe(peer, [], { source: 'tracker', replaces: 'yes' as any }), { name: 'InvalidParametersError', message: /replaces/ })
})
