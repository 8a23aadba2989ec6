import test from 'ava'
import { nextTurn } from '../../../src/pipeline/runtime/turns.ts'
import { connects, HOUR, silent, systemError, to } from '../learning.ts'
import { newPeer } from '../../helpers/scripted.ts'
import { node, one, other, peer, peerName, two } from './fleet.ts'

const peersOf = (text: string): string[] => JSON.parse(text).peers.map(([peer]: [string]) => peer)
const addressesOf = (text: string): string[] => JSON.parse(text).peers.flatMap(([, , addresses]: [string, unknown, string[][]]) => addresses.map(([address]) => address))
const only = <T>([first]: readonly T[]): T => first as T

test('an export has the counts of each address and each peer, and how long ago they were', async t => {
  const { history, tell, clock } = node()
  tell(one, connects)
  tell(one, silent)
  await clock.advance(5_000)
  const { version, member, at, peers } = JSON.parse(await history.export())

  t.deepEqual([version, at], [1, 1_000_005_000])
  t.regex(member, /^[\da-f]{32}$/)
  t.deepEqual(peers, [[peer.toString(), [1, 0, 5_000], [['/ip4/7.7.7.7/tcp/4001', 1, 1, 5_000]]]])
})

test('an export right after an attempt has counts of now, and none of a class that nothing is known of any more', async t => {
  const { history, tell } = node()
  tell(one, connects)
  t.deepEqual(JSON.parse(await history.export()).peers, [[peer.toString(), [1, 0, 0], [['/ip4/7.7.7.7/tcp/4001', 1, 0, 0]]]])
  tell(one, silent)
  tell(two, silent)
  history.networks.current.classes.delete('tcp public 4')
  t.deepEqual(JSON.parse(await history.export()).peers, [[peer.toString(), [1, 0, 0], [['/ip4/7.7.7.7/tcp/4001', 1, 0, 0]]]])
})

test('an export names the peers first that were dialled last', async t => {
  const { history, tell } = node()
  tell(one, connects)
  tell(two, connects)

  t.deepEqual(peersOf(await history.export()), [other, peer].map(String))
})

test('a node that has dialled nobody exports no peers', async t => {
  t.deepEqual(JSON.parse(await node().history.export()).peers, [])
})

test('a node has one name in all its exports, and another node has another', async t => {
  const [first, second] = [node().history, node().history]
  const texts = await Promise.all([first, first, second].map(async history => history.export()))
  const members = texts.map(text => JSON.parse(text).member)

  t.is(members[0], members[1])
  t.not(members[0], members[2])
})

test('an export has no private, link-local, loopback and reserved addresses, and no peer that has only such ones', async t => {
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

test('an export has private addresses where the user says so, and still no link-local and loopback ones', async t => {
  const { history, tell } = node()

  for (const place of ['/ip4/10.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1', '/ip4/169.254.1.1/tcp/1', '/ip4/127.0.0.1/tcp/1']) {
    tell(to(place, peer), connects)
  }

  t.deepEqual(addressesOf(await history.export({ private: true })), ['/ip4/10.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1'])
})

test('an export has no address without a peer id', async t => {
  const { history, tell } = node()
  tell(to('/ip4/7.7.7.7/tcp/1'), connects)

  t.deepEqual(peersOf(await history.export()), [])
})

test('a node without IPv6 exports no failures of IPv6 addresses, and none of peers that it dialled over IPv6 only', async t => {
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

test('a node whose IPv6 breaks exports no failures of it when less than one attempt in twenty connects', async t => {
  const { history, tell } = node()
  const failing = to('/ip6/2a01::1/tcp/1', peer)
  tell(to('/ip6/2a01:1::1/tcp/1', other), connects)
  tell(failing, silent)
  const failures = async (): Promise<number> => JSON.parse(await history.export()).peers.find(([name]: [string]) => name === peer.toString())?.[2][0][2] ?? 0

  t.is(await failures(), 1)
  Array.from({ length: 17 }, (_, n) => { tell(to(`/ip6/2a01:${n + 2}::1/tcp/1`, peer), silent) })
  // the peer is there: it was not what was the matter
  tell(to('/ip4/7.7.7.7/tcp/1', peer), connects)
  t.is(await failures(), 1, '1 of 19')
  tell(to('/ip6/2a01:20::1/tcp/1', peer), silent)
  tell(to('/ip4/7.7.7.7/tcp/1', peer), connects)
  t.is(await failures(), 1, '1 of 20')
  tell(to('/ip6/2a01:21::1/tcp/1', peer), silent)
  tell(to('/ip4/7.7.7.7/tcp/1', peer), connects)
  t.is(await failures(), 0, '1 of 21')
})

test('an export says nothing of failures that an outage of this machine may have caused', async t => {
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

  // a refusal: there is a network, and so they are the peers' own
  tell(to('/ip4/8.8.8.8/tcp/1', await newPeer()), { fails: 40, error: systemError('ECONNREFUSED') })
  t.not(JSON.stringify(JSON.parse(await history.export()).peers), JSON.stringify(before))
})

test('an export has nothing that another node has told', async t => {
  const [first, second] = [node(), node()]
  first.tell(one, connects)
  await second.history.merge(await first.history.export())

  t.deepEqual(peersOf(await second.history.export()), [])
})

test('an export is of the network that the node is in', async t => {
  const { history, tell } = node()
  tell(one, connects)
  history.networkChanged('home')
  tell(two, connects)
  t.deepEqual(peersOf(await history.export()), [other.toString()])
})

test('an export has 64 addresses of a peer at most, those that were dialled last', async t => {
  const { history, tell } = node()
  Array.from({ length: 70 }, (_, n) => { tell(to(`/ip4/7.7.${n}.1/tcp/1`, peer), connects) })
  const addresses = addressesOf(await history.export())

  t.is(addresses.length, 64)
  t.is(addresses[0], '/ip4/7.7.6.1/tcp/1')
})

test('an export has 1 MiB at most, and the peers that were dialled last', async t => {
  const { history, tell } = node()
  const names = Array.from({ length: 9_000 }, (_, n) => peerName(n))
  names.forEach((name, n) => { tell(to(`/dns4/${'x'.repeat(50)}.com/tcp/${n + 1}/p2p/${name}`), connects) })
  const text = await history.export()

  t.true(text.length <= 1_048_576 && text.length > 400_000, `${text.length}`)
  t.is(peersOf(text)[0], names.at(-1))
})

test('an export of peers with long addresses has 1 MiB at most, and whole peers', async t => {
  const { history, tell } = node()

  for (let n = 0; n < 20; n++) {
    Array.from({ length: 64 }, (_, i) => { tell(to(`/dns4/${'x'.repeat(900)}.com/tcp/${i + 1}/p2p/${peerName(n)}`), connects) })
  }

  const text = await history.export()
  t.true(text.length > 900_000 && text.length <= 1_048_576, `${text.length}`)
  t.true(addressesOf(text).length % 64 === 0)
  t.is(await node().history.merge(text), peersOf(text).length)
})

test('a node that has never connected exports no failures', async t => {
  const { history, tell } = node()
  tell(one, silent)
  tell(two, { fails: 40, error: systemError('ECONNREFUSED') })
  history.unreachable(peer)

  t.deepEqual(peersOf(await history.export()), [])
})

test('counts that are old are exported with their age', async t => {
  const { history, tell, clock } = node()
  tell(one, connects)
  await clock.advance(6 * HOUR)
  t.deepEqual(only<any>(JSON.parse(await history.export()).peers)[1], [1, 0, 6 * HOUR])
})

test('an export and a merge of 100 peers leave each turn of the event loop after 20', async t => {
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
