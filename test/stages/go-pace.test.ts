import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { relaysLater } from '../../src/stages/relays-later.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { delaysOf, goDelays } from '../../src/stages/go-delays.ts'
import { goOrder, goRank } from '../../src/stages/go-order.ts'
import { race } from '../../src/stages/race.ts'
import { engineWorld, newPeer } from '../helpers/scripted.ts'
import { cand, tryOut } from '../testing/try-out.ts'
import { cands, RELAY, timesOn } from './on-list.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { ExecutionContext } from 'ava'

const SILENT = 'silent'
const VIA = `/p2p/${RELAY}/p2p-circuit`
type Late = readonly [at: number, addresses: readonly string[]]

/** Puts each TCP address at a separate host, because the race spaces those of one host */
class Hosts {
  readonly #written = new Map<string, string>()

  own (address: string): string {
    const own = address.replace(/^(.*?[.:])\d+(?=\/tcp\/)/, `$1${this.#written.size + 10}`)
    this.#written.set(own, address)

    return own
  }

  written (own: string): string {
    return this.#written.get(own) ?? own
  }
}

/** Dials for `ms` milliseconds. Returns each dialled address with its time */
async function dialled (t: ExecutionContext, network: Record<string, Script>, { ms = 5_000, late = [] }: { ms?: number, late?: readonly Late[] } = {}): Promise<Array<[number, string]>> {
  const peer = (await newPeer()).toString()
  const hosts = new Hosts()
  const sources = source('late', async function * (dial) {
    for (const [at, addresses] of late) {
      await sleep(at - dial.clock.now(), dial.clock, dial.signal)
      yield * addresses.map(address => multiaddr(hosts.own(address)))
    }
  })
  const { engine, clock, network: scripted } = engineWorld(pipeline(fromCaller(), sources, goOrder(), goDelays(), race()), {}, { slots: { peer: 100 } })
  const first = Object.keys(network).filter(address => !late.some(([, addresses]) => addresses.includes(address))).toReversed().map(address => hosts.own(address))
  first.forEach(address => { scripted.script(address, network[hosts.written(address)] as Script) })
  const dial = engine.dial(first.map(address => multiaddr(`${address}/p2p/${peer}`)), { signal: new AbortController().signal })
  dial.catch(() => {})

  await clock.advance(ms)
  engine.stop()
  await clock.advance(0)
  t.is(clock.pending, 0)

  return scripted.attempts.map(({ at }, i) => [at, hosts.written(scripted.dialled[i] as string)])
}

test('goDelays() starts each silent address at its delay', async t => {
  t.deepEqual(await dialled(t, {
    '/ip6/2a00::1/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip6/2a00::1/tcp/4001': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT,
    '/ip4/1.2.3.4/tcp/4002/ws': SILENT,
    '/ip4/1.2.3.4/udp/4001/webrtc-direct': SILENT,
    [`/ip4/5.6.7.8/tcp/4001${VIA}`]: SILENT,
    '/dns4/example.com/tcp/4001': SILENT
  }), [
    // QUIC at 0 and 250, TCP from 500. The relay is also due at 500, but is later in the list: 10 ms later
    [0, '/ip6/2a00::1/udp/4001/quic-v1'],
    [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [500, '/ip6/2a00::1/tcp/4001'],
    [510, `/ip4/5.6.7.8/tcp/4001${VIA}`],
    [750, '/ip4/1.2.3.4/tcp/4001'],
    [1_000, '/ip4/1.2.3.4/tcp/4002/ws'],
    // 1000 after the relay's 500
    [1_500, '/dns4/example.com/tcp/4001'],
    // 1000 after the last TCP address
    [2_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct']
  ])
})

const publicAddress = fc.tuple(
  fc.constantFrom('/ip4/1.2.3.4', '/ip6/2a00::1'),
  fc.constantFrom(...[1, 2, 3].flatMap(port => [`/udp/${port}/quic-v1`, `/udp/${port}/quic-v1/webtransport`, `/tcp/${port}`, `/udp/${port}/webrtc-direct`])),
  fc.constantFrom('', '', VIA)
).map(parts => parts.join(''))

testProp('goDelays() starts any addresses at their delay after the first, at least 10 ms apart', [fc.uniqueArray(publicAddress, { minLength: 1, maxLength: 12 })], async (t, addresses) => {
  const delays = [...delaysOf(goRank(cands(addresses))).values()].toSorted((a, b) => a - b)
  const starts: number[] = []

  for (const delay of delays) {
    starts.push(Math.max(delay - (delays[0] as number), (starts.at(-1) ?? -10) + 10))
  }

  t.deepEqual((await dialled(t, Object.fromEntries(addresses.map(address => [address, SILENT])))).map(([at]) => at), starts)
})

test('goDelays() paces private and public addresses separately', async t => {
  t.deepEqual(await dialled(t, {
    '/ip4/10.0.0.1/udp/4001/quic-v1': SILENT,
    '/ip4/10.0.0.1/tcp/4001': SILENT,
    '/ip4/10.0.0.1/tcp/4002': SILENT,
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  }), [
    [0, '/ip4/10.0.0.1/udp/4001/quic-v1'],
    [10, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [30, '/ip4/10.0.0.1/tcp/4001'],
    [60, '/ip4/10.0.0.1/tcp/4002'],
    [250, '/ip4/1.2.3.4/tcp/4001']
  ])
})

test('goDelays() starts the addresses of a batch 10 ms apart, and the next batch at its delay', async t => {
  t.deepEqual((await dialled(t, {
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4003/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4004/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  })).map(([at]) => at), [0, 250, 260, 270, 500])
})

test('goDelays() starts the first address at once, whatever its delay', async t => {
  // both have a delay of 1000, and start as one batch
  t.deepEqual((await dialled(t, { '/dns4/example.com/tcp/4001': SILENT, '/memory/one': SILENT })).map(([at]) => at), [0, 10])
  t.deepEqual(await dialled(t, { '/ip4/10.0.0.1/udp/1/webrtc-direct': SILENT, '/ip4/1.2.3.4/udp/1/webrtc-direct': SILENT }), [
    [0, '/ip4/10.0.0.1/udp/1/webrtc-direct'],
    // 1000 - 100 after the first
    [900, '/ip4/1.2.3.4/udp/1/webrtc-direct']
  ])
})

test('goDelays() starts the next batch at once when nothing is in flight', async t => {
  t.deepEqual(await dialled(t, {
    '/ip6/2a00::1/udp/4001/quic-v1': { refuses: 20 },
    '/ip4/1.2.3.4/udp/4001/quic-v1': { refuses: 30 },
    '/ip6/2a00::1/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  }), [
    [0, '/ip6/2a00::1/udp/4001/quic-v1'],
    [20, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [50, '/ip6/2a00::1/udp/4002/quic-v1'],
    // in the same batch
    [60, '/ip4/1.2.3.4/udp/4002/quic-v1'],
    [300, '/ip4/1.2.3.4/tcp/4001']
  ])
})

test('goDelays() does not start earlier after a failure while others are in flight', async t => {
  t.deepEqual((await dialled(t, {
    '/ip6/2a00::1/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4001/quic-v1': { refuses: 10 },
    '/ip4/1.2.3.4/tcp/4001': SILENT
  })).map(([at]) => at), [0, 250, 500])
})

test('goDelays() counts the delays of late addresses from their arrival', async t => {
  const late = ['/ip6/2a00::1/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4002/quic-v1', '/ip4/1.2.3.4/udp/4003/quic-v1', '/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4003']

  t.deepEqual(await dialled(t, { '/ip4/1.2.3.4/tcp/4002': SILENT }, { late: [[2_000, late]] }), [
    [0, '/ip4/1.2.3.4/tcp/4002'],
    // better than the address in flight
    [2_000, '/ip6/2a00::1/udp/4001/quic-v1'],
    [2_250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [2_500, '/ip4/1.2.3.4/udp/4002/quic-v1'],
    [2_510, '/ip4/1.2.3.4/udp/4003/quic-v1'],
    [2_750, '/ip4/1.2.3.4/tcp/4001'],
    [3_000, '/ip4/1.2.3.4/tcp/4003']
  ])
})

test('goDelays() does not start late addresses in a burst beside a relay in flight', async t => {
  const late = ['/ip6/2a00::1/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip6/2a00::1/tcp/4001', '/ip4/1.2.3.4/tcp/4001']

  // alone, the relay had a delay of 0. Now it has 500, like the first TCP address
  t.deepEqual(await dialled(t, { [`/ip4/5.6.7.8/tcp/4001${VIA}`]: SILENT }, { late: [[2_000, late]] }), [
    [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
    [2_000, '/ip6/2a00::1/udp/4001/quic-v1'],
    [2_250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [2_500, '/ip6/2a00::1/tcp/4001'],
    [2_750, '/ip4/1.2.3.4/tcp/4001']
  ])
})

test('goDelays() does not start addresses that arrive one by one in a burst', async t => {
  const late: Late[] = [3, 2, 1].map((port, i) => [2_000 + i, [`/ip4/1.2.3.4/tcp/${port}`]])

  // each new address is better than all before
  t.deepEqual(await dialled(t, { '/ip4/1.2.3.4/tcp/4': SILENT }, { late }), [
    [0, '/ip4/1.2.3.4/tcp/4'],
    [2_000, '/ip4/1.2.3.4/tcp/3'],
    [2_010, '/ip4/1.2.3.4/tcp/1'],
    [2_260, '/ip4/1.2.3.4/tcp/2']
  ])
})

test('goDelays() does not delay an address by a late one', async t => {
  t.deepEqual(await dialled(t, {
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  }, { late: [[300, ['/ip4/1.2.3.4/udp/1/quic-v1']]] }), [
    [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [250, '/ip4/1.2.3.4/udp/4002/quic-v1'],
    [300, '/ip4/1.2.3.4/udp/1/quic-v1'],
    // one step after it, instead of the 500 between it and TCP
    [550, '/ip4/1.2.3.4/tcp/4001']
  ])
})

test('goDelays() waits 250 ms after the first response of a public TCP address', async t => {
  t.deepEqual((await dialled(t, {
    '/ip4/1.2.3.4/tcp/4001': { connects: 4_000, firstResponse: 100 },
    '/ip4/1.2.3.4/tcp/4002': SILENT,
    '/ip4/1.2.3.4/tcp/4003': SILENT
  })).map(([at]) => at), [0, 350, 360])

  // WebSockets count as TCP
  t.deepEqual((await dialled(t, {
    '/ip4/1.2.3.4/tcp/443/wss': { connects: 4_000, firstResponse: 200 },
    '/ip4/1.2.3.4/tcp/4002': SILENT
  })).map(([at]) => at), [0, 450])
})

test('an early first response does not start the next address earlier', async t => {
  t.deepEqual((await dialled(t, {
    '/ip4/1.2.3.4/udp/4001/webrtc-direct': SILENT,
    '/ip4/1.2.3.4/tcp/4001': { connects: 4_000, firstResponse: 20 }
  })).map(([at]) => at), [0, 1_000])
})

test('each first response of public TCP makes goDelays() wait again', async t => {
  t.deepEqual((await dialled(t, {
    '/ip6/2a00::1/tcp/4001': { connects: 4_000, firstResponse: 240 },
    '/ip4/1.2.3.4/tcp/4001': { connects: 4_000, firstResponse: 100 },
    '/ip4/1.2.3.4/tcp/4002': SILENT
  })).map(([at]) => at), [0, 490, 840])
})

test('goDelays() starts the next address at once when the only attempt in flight fails', async t => {
  // at that time, no attempt is in flight
  t.deepEqual((await dialled(t, {
    '/ip4/1.2.3.4/tcp/4001': { refuses: 150 },
    '/ip4/1.2.3.4/tcp/4002': SILENT
  })).map(([at]) => at), [0, 150])
})

test('goDelays() ignores the first response of an attempt that has failed, while others are in flight', async t => {
  const [quic, tcp, next] = cands(['/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4002']) as [Candidate, Candidate, Candidate]
  const { pace: timeOf } = await timesOn(goDelays(), [quic, tcp, next])
  const race = { untried: [next], inFlight: [{ candidate: quic, startedAt: 0 }], lastStart: 250 }

  t.is(timeOf({ ...race, inFlight: [...race.inFlight, { candidate: tcp, startedAt: 250, firstResponseAt: 350 }] }), 600)
  t.is(timeOf({ ...race, outcomes: [{ status: 'failed', candidate: tcp, startedAt: 250, endedAt: 400, error: new Error('a broken handshake') }] }), 500)
})

test('goDelays() does not wait after the first response of a private address', async t => {
  t.deepEqual((await dialled(t, {
    '/ip4/10.0.0.1/tcp/4001': { connects: 4_000, firstResponse: 1 },
    '/ip4/10.0.0.1/tcp/4002': SILENT,
    '/ip4/1.2.3.4/udp/4001/webrtc-direct': SILENT
  })).map(([at]) => at), [0, 30, 1_000])
})

test('goDelays() does not wait after the first response of QUIC', async t => {
  t.deepEqual((await dialled(t, {
    '/ip4/1.2.3.4/udp/4001/quic-v1': { connects: 4_000, firstResponse: 200 },
    '/ip4/1.2.3.4/tcp/4001': SILENT
  })).map(([at]) => at), [0, 250])
})

test('a connection ends the race of goDelays()', async t => {
  t.deepEqual((await dialled(t, {
    '/ip6/2a00::1/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4001/quic-v1': { connects: 100 },
    '/ip4/1.2.3.4/tcp/4001': SILENT
  })).map(([at]) => at), [0, 250])
})

test('goDelays() holds higher delays back only when nothing is in flight', async t => {
  const [quic, tcp, relayed] = cands(['/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/4001', `/ip4/5.6.7.8/tcp/4001${VIA}`]) as [Candidate, Candidate, Candidate]
  const { hold } = await timesOn(goDelays(), [quic, tcp, relayed])

  t.true(hold({ untried: [relayed, tcp] }) > hold({ untried: [tcp, relayed] }))
  t.is(hold({ untried: [relayed, tcp], inFlight: [{ candidate: quic, startedAt: 1_000 }] }), 0)
})

test('goDelays() does not wait for a lower delay that another hold delays when nothing is in flight', async t => {
  const [relayed, named] = [cand(`/ip4/5.6.7.8/tcp/4001${VIA}`), cand('/dns4/example.com/tcp/4001')]
  const trial = tryOut(t, pipeline(goDelays(), relaysLater(3_000), race()))
  trial.give({ candidates: [relayed, named], complete: false })
  await trial.pass(2_000)

  t.deepEqual(trial.host.attempts.map(({ candidate, startedAt = NaN }) => [trial.since(startedAt), candidate]), [[0, named]])
})

test('goDelays() without goOrder() keeps the order from above within a batch', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), goDelays(), race()))
  const dial = engine.dial(['/dns4/b.example/tcp/1', '/dns4/a.example/tcp/1', '/ip4/1.2.3.4/tcp/4001'].map(address => multiaddr(`${address}/p2p/${peer.toString()}`)))
  dial.catch(() => {})
  await clock.advance(3_000)
  engine.stop()

  t.deepEqual(network.attempts.map(({ at }, i) => [at, network.dialled[i]]), [
    [0, '/ip4/1.2.3.4/tcp/4001'],
    [1_000, '/dns4/b.example/tcp/1'],
    [1_010, '/dns4/a.example/tcp/1']
  ])
})
