import test from 'ava'
import { addr, addrs, candidateOf, fakePeers, node } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, other, relay] = fakePeers(3) as [PeerId, PeerId, PeerId]

test('stats() counts for each source how many addresses were dialled and how many answered, each once', async t => {
  const { book, connect } = node()
  await book.start()
  book.observe(peer, addrs(1, 4), { source: 'dht', reporter: relay })
  book.observe(peer, addrs(1, 4), { source: 'dht', reporter: other })
  book.observe(peer, addr(1), { source: 'identify' })

  book.attempted(candidateOf(peer, addr(1)), 'failed')
  book.attempted(candidateOf(peer, addr(1)), 'failed')
  book.attempted(candidateOf(peer, addr(2)), 'failed')
  t.deepEqual(book.stats(), { dht: { dialled: 2, answered: 0 }, identify: { dialled: 1, answered: 0 } })

  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(1)), 'connected')
  book.attempted(candidateOf(peer, addr(9)), 'connected')
  book.attempted(candidateOf(other, addr(1)), 'connected')
  t.deepEqual(book.stats(), { dht: { dialled: 2, answered: 1 }, identify: { dialled: 1, answered: 1 } })

  book.observe(peer, addr(5), { source: 'user' })
  connect(peer, addr(5))
  book.attempted(candidateOf(peer, addr(5)), 'connected')
  t.deepEqual(book.stats().user, { dialled: 1, answered: 1 })
  t.is(book.stats().dialled, undefined, 'it was not known to have been dialled before')
  book.attempted(candidateOf(peer, addr(5)), 'failed')
  t.deepEqual(book.stats().dialled, { dialled: 1, answered: 0 })
})

test('stats() holds up to 1,999 sources, and then drops the 1,000 oldest', t => {
  const { book } = node()
  const dialled = (n: number): number => {
    book.observe(peer, addr(1), { source: `made-up-${n}` })
    book.attempted(candidateOf(peer, addr(1)), 'failed')
    book.removeReports(`made-up-${n}`, { peer })

    return Object.keys(book.stats()).length
  }

  const counts = Array.from({ length: 2_000 }, (_, n) => dialled(n))
  t.deepEqual([counts[999], counts[1_998], counts[1_999]], [1_000, 1_999, 1_000])
})
