import test from 'ava'
import { nextTurn } from '../../../src/pipeline/clock.ts'
import { connects, HOUR, silent, systemError, to } from '../learning.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { node, one, other, peer, peerName, two } from './fleet.ts'

const peersOf = (text: string): string[] => JSON.parse(text).peers.map(([peer]: [string]) => peer)
const addressesOf = (text: string): string[] => JSON.parse(text).peers.flatMap(([, , addresses]: [string, unknown, string[][]]) => addresses.map(([address]) => address))
const only = <T>([first]: readonly T[]): T => first as T

test('export() has the counts of each address and peer, with their age', async t => {
  const { history, tell, clock } = node()
  tell(one, connects)
  tell(one, silent)
  await clock.advance(5_000)
  const { version, member, at, peers } = JSON.parse(await history.export())

  t.deepEqual([version, at], [1, 1_000_005_000])
  t.regex(member, /^[\da-f]{32}$/)
  t.deepEqual(peers, [[peer.toString(), [1, 0, 5_000], [['/ip4/7.7.7.7/tcp/4001', 1, 1, 5_000]]]])
})

test('export() right after an attempt has age 0, and omits counts of an unknown class', async t => {
  const { history, tell } = node()
  tell(one, connects)
  t.deepEqual(JSON.parse(await history.export()).peers, [[peer.toString(), [1, 0, 0], [['/ip4/7.7.7.7/tcp/4001', 1, 0, 0]]]])
  tell(one, silent)
  tell(two, silent)
  history.networks.current.classes.delete('tcp public 4')
  t.deepEqual(JSON.parse(await history.export()).peers, [[peer.toString(), [1, 0, 0], [['/ip4/7.7.7.7/tcp/4001', 1, 0, 0]]]])
})

test('export() lists the most recently dialled peers first', async t => {
  const { history, tell } = node()
  tell(one, connects)
  tell(two, connects)

  t.deepEqual(peersOf(await history.export()), [other, peer].map(String))
})

test('export() of a node without dials has no peers', async t => {
  t.deepEqual(JSON.parse(await node().history.export()).peers, [])
})

test('export() has one random member name for each node', async t => {
  const [first, second] = [node().history, node().history]
  const texts = await Promise.all([first, first, second].map(async history => history.export()))
  const members = texts.map(text => JSON.parse(text).member)

  t.is(members[0], members[1])
  t.not(members[0], members[2])
})

test('export() omits private, link-local, loopback and reserved addresses, and peers with only those', async t => {
  const { history, tell } = node()
  const places = ['/ip4/10.0.0.1/tcp/1', '/ip4/169.254.1.1/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip4/192.0.2.1/tcp/1', '/dns4/printer/tcp/1', '/dns4/printer.local/tcp/1']

  for (const place of places) {
    tell(to(place, await newPeer()), connects)
    tell(to(place, peer), connects)
  }

  t.deepEqual(peersOf(await history.export()), [])
  tell(one, connects)
  tell(to('/dns4/example.com/tcp/1', peer), connects)
  t.deepEqual(addressesOf(await history.export()), ['/ip4/7.7.7.7/tcp/4001', '/dns4/example.com/tcp/1'])
  t.deepEqual(peersOf(await history.export()), [peer.toString()])
})

test('export() omits addresses without a peer id', async t => {
  const { history, tell } = node()
  tell(to('/ip4/7.7.7.7/tcp/1'), connects)

  t.deepEqual(peersOf(await history.export()), [])
})

test('export() of a node without IPv6 omits failures of IPv6 addresses and of peers dialled only over them', async t => {
  const { history, tell } = node()
  const [ip6Only, both] = [await newPeer(), await newPeer()]
  tell(to('/ip6/2a01::1/tcp/1', ip6Only), silent)
  tell(to('/ip6/2a01:1::1/tcp/1', both), silent)
  tell(to('/ip4/7.7.7.7/tcp/1', both), connects)
  tell(two, silent)
  history.unreachable(ip6Only)
  history.unreachable(other)

  t.deepEqual(JSON.parse(await history.export()).peers, [
    [other.toString(), [0, 1, 0], [['/ip4/7.7.8.8/tcp/4001', 0, 0, 0]]],
    [both.toString(), [1, 0, 0], [['/ip4/7.7.7.7/tcp/1', 1, 0, 0]]]
  ])
})

test('export() omits failures over IPv6 when less than one attempt in twenty over it connects', async t => {
  const { history, tell } = node()
  const failing = to('/ip6/2a01::1/tcp/1', peer)
  tell(to('/ip6/2a01:1::1/tcp/1', other), connects)
  tell(failing, silent)
  const failures = async (): Promise<number> => JSON.parse(await history.export()).peers.find(([name]: [string]) => name === peer.toString())?.[2][0][2] ?? 0

  t.is(await failures(), 1)
  Array.from({ length: 17 }, (_, n) => { tell(to(`/ip6/2a01:${n + 2}::1/tcp/1`, peer), silent) })
  // the peer is online, so the failures are those of the addresses
  tell(to('/ip4/7.7.7.7/tcp/1', peer), connects)
  t.is(await failures(), 1, '1 of 19')
  tell(to('/ip6/2a01:20::1/tcp/1', peer), silent)
  tell(to('/ip4/7.7.7.7/tcp/1', peer), connects)
  t.is(await failures(), 1, '1 of 20')
  tell(to('/ip6/2a01:21::1/tcp/1', peer), silent)
  tell(to('/ip4/7.7.7.7/tcp/1', peer), connects)
  t.is(await failures(), 0, '1 of 21')
})

test('export() omits failures that an outage of this machine may have caused', async t => {
  const { history, tell, clock } = node()
  tell(one, connects)
  tell(two, connects)
  await clock.advance(10_000)
  const before = JSON.parse(await history.export()).peers

  for (const candidate of [one, two, to('/ip4/9.9.9.9/tcp/1', other)]) {
    tell(candidate, silent)
  }

  history.unreachable(peer)
  history.unreachable(other)
  t.deepEqual(JSON.parse(await history.export()).peers, before)

  // a refusal shows that the network works, so that the failures are the peers' own
  tell(to('/ip4/8.8.8.8/tcp/1', await newPeer()), { fails: 40, error: systemError('ECONNREFUSED') })
  t.not(JSON.stringify(JSON.parse(await history.export()).peers), JSON.stringify(before))
})

test('export() omits evidence merged from other nodes', async t => {
  const [first, second] = [node(), node()]
  first.tell(one, connects)
  await second.history.merge(await first.history.export())

  t.deepEqual(peersOf(await second.history.export()), [])
})

test('export() covers the current network only', async t => {
  const { history, tell } = node()
  tell(one, connects)
  history.networkChanged('home')
  tell(two, connects)
  t.deepEqual(peersOf(await history.export()), [other.toString()])
})

test('export() has at most the 64 most recently dialled addresses of a peer', async t => {
  const { history, tell } = node()
  Array.from({ length: 70 }, (_, n) => { tell(to(`/ip4/7.7.${n}.1/tcp/1`, peer), connects) })
  const addresses = addressesOf(await history.export())

  t.is(addresses.length, 64)
  t.is(addresses[0], '/ip4/7.7.6.1/tcp/1')
})

test('export() has at most 1 MiB, of the most recently dialled peers', async t => {
  const { history, tell } = node()
  const names = Array.from({ length: 9_000 }, (_, n) => peerName(n))
  names.forEach((name, n) => { tell(to(`/dns4/${'x'.repeat(50)}.com/tcp/${n + 1}/p2p/${name}`), connects) })
  const text = await history.export()

  t.true(text.length <= 1_048_576 && text.length > 400_000, `${text.length}`)
  t.is(peersOf(text)[0], names.at(-1))
})

test('export() with long addresses has at most 1 MiB, and only whole peers', async t => {
  const { history, tell } = node()

  for (let n = 0; n < 20; n++) {
    Array.from({ length: 64 }, (_, i) => { tell(to(`/dns4/${'x'.repeat(900)}.com/tcp/${i + 1}/p2p/${peerName(n)}`), connects) })
  }

  const text = await history.export()
  t.true(text.length > 900_000 && text.length <= 1_048_576, `${text.length}`)
  t.true(addressesOf(text).length % 64 === 0)
  t.is(await node().history.merge(text), peersOf(text).length)
})

test('export() of a node that has never connected has no failures', async t => {
  const { history, tell } = node()
  tell(one, silent)
  tell(two, { fails: 40, error: systemError('ECONNREFUSED') })
  history.unreachable(peer)

  t.deepEqual(peersOf(await history.export()), [])
})

test('export() has old counts with their age', async t => {
  const { history, tell, clock } = node()
  tell(one, connects)
  await clock.advance(6 * HOUR)
  t.deepEqual(only<any>(JSON.parse(await history.export()).peers)[1], [1, 0, 6 * HOUR])
})

test('export() and merge() of 100 peers yield to the event loop after each 20', async t => {
  const [first, second] = [node(), node()]
  Array.from({ length: 100 }, (_, n) => { first.tell(to(`/ip4/7.7.${n}.1/tcp/1/p2p/${peerName(n)}`), connects) })
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns++

    if (!isOver) {
      nextTurn(turn)
    }
  }
  turn()
  const text = await first.history.export()
  const exporting = turns
  await second.history.merge(text)
  isOver = true

  t.true(exporting >= 5, `${exporting}`)
  t.true(turns - exporting >= 5, `${turns - exporting}`)
})
