import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { addr, fakePeers, HOUR, MINUTE, node, SECOND } from './kit.ts'
import type { PeerId } from '@libp2p/interface'

const [peer, reporter] = fakePeers(2) as [PeerId, PeerId]

test('explain() prints each address with its reports, pins and open connections', async t => {
  const { book, connect, clock } = node()
  await book.start()
  book.observe(peer, addr(2), { source: 'dht', reporter })
  await clock.advance(SECOND)
  book.observe(peer, addr(2), { source: 'dht', reporter })
  book.observe(peer, addr(2), { source: 'mine' })
  book.owner('early').pin(peer, { addresses: [addr(2)], ttl: HOUR })
  connect(peer, addr(1))
  book.owner('late').pin(peer, { addresses: [addr(2)], ttl: MINUTE })
  book.observe(peer, addr(3), { source: 'identify', reporter: peer })
  t.is(book.explain(peer), `${peer}: 3 addresses, connected
/ip4/45.0.0.2/tcp/4001
  pinned by early until 2001-09-09T02:46:41Z
  pinned by late until 60 s after the last connection
  dht by ${reporter}, 2 times from 2001-09-09T01:46:40Z to 2001-09-09T01:46:41Z, counts until 2001-09-09T01:48:41Z
  mine, at 2001-09-09T01:46:41Z, counts until 2001-09-09T01:48:41Z
/ip4/45.0.0.1/tcp/4001
  in use by a connection
  dialled, at 2001-09-09T01:46:41Z, counts until 2001-09-10T01:46:41Z
/ip4/45.0.0.3/tcp/4001
  identify by ${peer}, at 2001-09-09T01:46:41Z, counts while connected`)
  await book.stop()
})

test('explain() describes a pin that lasts longer than a Date can represent', t => {
  const { book } = node({ pins: { default: { maxTtl: Number.MAX_VALUE } } })
  book.owner('replication').pin(peer, { addresses: [addr(1)], ttl: Number.MAX_VALUE })
  t.true(book.explain(peer).endsWith('\n  pinned by replication until it is taken back'), book.explain(peer))
})

test('explain() escapes control characters in the names of remote peers, and prints one line for each address', t => {
  const { book } = node()
  book.observe(peer, multiaddr('/dns4/a\u001b[2J\n  pinned by app/tcp/1'), { source: 'dht' })
  t.deepEqual(book.explain(peer).split('\n').slice(1, -1), ['/dns4/a\\u{1b}[2J\\u{a}  pinned by app/tcp/1'])
})
