import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { fromCaller, pipeline, race, source, stagger } from 'libp2p-dial-pipeline/stages'
import { compliance, scriptedComponents, ScriptedNetwork, settled, testDial, VirtualClock } from 'libp2p-dial-pipeline/testing'
import { responses, measured } from '../../examples/attempt-layer.ts'
import { allowHosts } from '../../examples/dial-option.ts'
import { noPrivate, noPrivateUnlessPassed } from '../../examples/filter.ts'
import { relaysLater, slowly, slow } from '../../examples/pace.ts'
import { nearest, nearestFirst, rtts } from '../../examples/rank.ts'
import { fromDirectory } from '../../examples/source.ts'
import { withFetch } from '../docs/examples.ts'
import { PEER } from '../testing/try-out.ts'
import type { AnyStage } from 'libp2p-dial-pipeline/stages'
import type { Script } from 'libp2p-dial-pipeline/testing'
import type { PeerId } from '@libp2p/interface'

const [near, far, unknown] = ['/ip4/1.2.3.4/tcp/1', '/ip4/2.3.4.5/tcp/1', '/ip4/3.4.5.6/tcp/1'] as const
const relayed = '/ip4/198.51.100.9/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit'
/** Peer id of the dialling node */
const OWN = peerIdFromString('12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5')
const OTHER = peerIdFromString('12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X')
const isolated = '/ip4/10.0.0.1/tcp/1'

interface DialInit {
  scripts?: Record<string, Script>
  options?: object
  clock?: VirtualClock
  /** Null for a dial of addresses of an unknown peer */
  peerId?: PeerId | null
}

function dialOf (addresses: readonly string[], { scripts, options, clock = new VirtualClock(), peerId = PEER }: DialInit = {}) {
  const network = new ScriptedNetwork(clock, scripts)
  const components = scriptedComponents({ clock, network, peerId: OWN })
  const dial = testDial({ components, peerId: peerId ?? undefined, multiaddrs: addresses.map(one => multiaddr(one)), options })

  return { ...dial, clock, network }
}

/** Runs a preset until its first connection. Returns each dialled address with its time */
async function startsOf (pipeline: AnyStage, addresses: readonly string[], scripts: Record<string, Script>): Promise<string[]> {
  const { run, end, clock, network } = dialOf(addresses, { scripts })
  const begun = clock.now()
  await clock.until(run(pipeline).next())
  end()

  return network.attempts.map(({ at }, i) => `${network.dialled[i]} @${at - begun}`)
}

const STAGES: Record<string, () => AnyStage> = {
  nearestFirst: () => nearestFirst,
  noPrivate: () => noPrivate,
  noPrivateUnlessPassed: () => noPrivateUnlessPassed,
  slowly: () => slowly,
  relaysLater: () => relaysLater,
  allowHosts: () => allowHosts,
  fromDirectory: () => fromDirectory('http://127.0.0.1:8080')
}

for (const [name, makeStage] of Object.entries(STAGES)) {
  test.serial(`the example ${name} passes compliance()`, async t => {
    await withFetch(async () => Response.json([near]), async () => {
      for (const { run } of compliance(makeStage)) {
        await t.notThrowsAsync(run())
      }
    })
  })
}

/** Returns the addresses that stages pass on, without the peer id */
async function passed (addresses: readonly string[], options: object | undefined, ...stages: readonly AnyStage[]): Promise<string[]> {
  const { lists, end } = dialOf(addresses, { options })
  const make = lists(...stages)
  make()
  await settled()
  const { candidates } = make()
  end()

  return candidates.map(({ multiaddr }) => multiaddr.toString().replace(`/p2p/${PEER.toString()}`, ''))
}

test('nearestFirst puts measured hosts first, and keeps the order of the others', async t => {
  rtts.set('1.2.3.4', 20).set('2.3.4.5', 90)

  t.deepEqual(await passed([unknown, isolated, far, near], undefined, fromCaller(), nearestFirst), [near, far, unknown, isolated])
  t.is(nearest.stages.findIndex(({ name }) => name === 'nearest-first'), nearest.stages.findIndex(({ name }) => name === 'by-history') + 1)
})

test('noPrivate drops every private address, noPrivateUnlessPassed keeps those of the caller', async t => {
  const gossip = source('gossip', () => [multiaddr('/ip4/10.0.0.2/tcp/1'), multiaddr(far)])

  t.deepEqual(await passed([isolated, near], undefined, fromCaller(), gossip, noPrivate), [near, far])
  t.deepEqual(await passed([isolated, near], undefined, fromCaller(), gossip, noPrivateUnlessPassed), [isolated, near, far])
})

test('allowHosts drops hosts that the dial option does not name, and none without the option', async t => {
  t.deepEqual(await passed([far, near], { allowHosts: ['1.2.3.4'] }, fromCaller(), allowHosts), [near])
  t.deepEqual(await passed([far, near], undefined, fromCaller(), allowHosts), [far, near])
})

test('slow starts direct addresses a second apart, and relayed ones after them', async t => {
  t.deepEqual(await startsOf(slow, [relayed, far, near, unknown], { [relayed]: { connects: 100 } }), [`${far} @0`, `${near} @1000`, `${unknown} @2000`, `${relayed} @3000`])
})

test('a relayed address that stands first waits for half a second after the first attempt', async t => {
  t.deepEqual(await startsOf(pipeline(fromCaller(), stagger(100), relaysLater, race()), [relayed, far], { [relayed]: { connects: 100 } }), [`${far} @0`, `${relayed} @500`])
})

test('measureResponse reports how long a host took to answer', async t => {
  await startsOf(measured, [near], { [near]: { connects: 90, firstResponse: 30 } })

  t.is(responses.get('1.2.3.4'), 30)
})

/** Runs a source for the addresses of a peer, in a dial without other addresses. Returns the number it found */
async function found (find: AnyStage, init: DialInit = {}): Promise<number> {
  const { lists, end } = dialOf([], init)
  const make = lists(find)
  make(true)
  await settled()
  const { candidates } = make(true)
  end()

  return candidates.length
}

test.serial('fromDirectory asks again when its TTL has passed', async t => {
  let requests = 0

  await withFetch(async () => {
    requests++

    return Response.json([near, far])
  }, async () => {
    const clock = new VirtualClock()
    const directory = fromDirectory('http://127.0.0.1:8080', { ttl: 1_000 })
    t.deepEqual([await found(directory, { clock }), await found(directory, { clock }), requests], [2, 2, 1])
    await clock.advance(1_000)
    t.deepEqual([await found(directory, { clock }), requests], [2, 2])
  })
})

test.serial('fromDirectory finds nothing where the directory fails, and does not cache that', async t => {
  const directory = fromDirectory('http://127.0.0.1:8080')

  await withFetch(async () => Response.json([near], { status: 503 }), async () => {
    t.is(await found(directory), 0)
  })
  await withFetch(async () => Response.json([near]), async () => {
    t.is(await found(directory), 1)
  })
})

test.serial('fromDirectory evicts the oldest answer when the cache is full', async t => {
  let requests = 0
  const directory = fromDirectory('http://127.0.0.1:8080', { cacheSize: 1 })

  await withFetch(async () => {
    requests++

    return Response.json([near])
  }, async () => {
    for (const peerId of [PEER, OTHER, OTHER, PEER]) {
      await found(directory, { peerId })
    }
  })
  t.is(requests, 3)
})

test.serial('fromDirectory sends no request for an address without a peer id', async t => {
  let requests = 0

  await withFetch(async () => {
    requests++

    return Response.json([near])
  }, async () => {
    t.is(await found(fromDirectory('http://127.0.0.1:8080'), { peerId: null }), 0)
  })
  t.is(requests, 0)
})

test.serial('fromDirectory ends its request with the dial', async t => {
  let signal: AbortSignal | null | undefined

  await withFetch(async (_url, init) => {
    signal = init?.signal

    return new Promise(() => {})
  }, async () => {
    const { lists, end } = dialOf([])
    t.false(lists(fromDirectory('http://127.0.0.1:8080'))(true).complete)
    t.false(signal?.aborted)
    end()
    t.true(signal?.aborted)
  })
})
