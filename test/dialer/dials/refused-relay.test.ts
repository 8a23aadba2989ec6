// a relayed address whose relay was refused by filters that its dial inherits
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { fallback, filter, pipeline, timeout } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { dialable } from '../../../src/stages/dialable.ts'
import { gater } from '../../../src/stages/gater.ts'
import { race } from '../../../src/stages/race.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { behindRelay, circuit, node, PRIVATE, PUBLIC, RELAY } from '../behind-relay.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

const strict = filter('strict', ({ facts, id }) => facts.isRelayed || !id.startsWith(PRIVATE) || 'private')
const slowlyStrict = filter('strict', async ({ facts, id }, { clock, signal }) => facts.isRelayed || sleep(100, clock, signal).then(() => !id.startsWith(PRIVATE) || 'private'))
const other = filter('other', () => true)

/** Dials the peer behind a relay whose public address refuses. Returns the outcome, and the number of attempts of the relayed address */
async function dial (connecting: AnyStage, stored: string[]): Promise<{ isConnected: boolean, attempts: number }> {
  const { engine, clock, network, components } = behindRelay(node, { stored })
  network.script(PUBLIC, { refuses: 5 })
  const { transportManager } = components
  const { dial, dialTransportForMultiaddr } = transportManager
  transportManager.dialTransportForMultiaddr = address => address.toString().includes('/webtransport') ? undefined : dialTransportForMultiaddr(address)
  let attempts = 0
  transportManager.dial = async (address, options) => {
    attempts += Number(address.toString().includes('/p2p-circuit'))

    return dial(address, options)
  }
  const isConnected = await clock.until(engine.dial(circuit(), { pipeline: pipeline(fromCaller(), connecting as any) as any }).then(() => true, () => false))

  return { isConnected, attempts }
}

for (const [what, connecting, stored, expected] of [
  ['is dialled by the next alternative without these', fallback(pipeline(strict, race()), race()), [PRIVATE], { isConnected: true, attempts: 2 }],
  ['is dialled by the next alternative when another address of the relay has failed', fallback(pipeline(strict, race()), race()), [PUBLIC, PRIVATE], { isConnected: true, attempts: 2 }],
  ['is dialled by an alternative that has taken over the attempt', fallback(timeout(50, pipeline(slowlyStrict, race())), race()), [PRIVATE], { isConnected: true, attempts: 2 }],
  ['is not dialled again by the next alternative with these and another', fallback(pipeline(strict, race()), pipeline(strict, other, race())), [PRIVATE], { isConnected: false, attempts: 1 }],
  ['is not dialled again by the same race', pipeline(strict, race()), [PRIVATE], { isConnected: false, attempts: 1 }]
] as ReadonlyArray<[string, AnyStage, string[], object]>) {
  test(`a relayed address whose relay was dropped by inherited filters ${what}`, async t => {
    t.deepEqual(await dial(connecting, stored), expected)
  })
}

test('a relayed address whose relay has failed is not dialled again by the next alternative', async t => {
  t.deepEqual(await dial(fallback(pipeline(strict, race()), race()), [PUBLIC]), { isConnected: false, attempts: 1 })
})

test('a relayed address whose relay has failed, and has an address without a transport, is dialled once by alternatives with their own dialable()', async t => {
  const alternative = () => pipeline(dialable(), gater(), race())
  t.deepEqual(await dial(fallback(alternative(), alternative(), alternative()), [PUBLIC, '/ip4/198.41.0.1/udp/1/quic-v1/webtransport']), { isConnected: false, attempts: 1 })
})

test('two callers whose filters drop addresses of the same relay both fall back', async t => {
  const second = multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${await newPeer()}`)
  const { engine, clock, network } = behindRelay(node, { stored: [PUBLIC, PRIVATE] })
  network.script(PUBLIC, { refuses: 50 })
  const outcomes = [circuit(), second].map(async target => {
    const own = filter('strict', ({ facts, id }) => facts.isRelayed || !id.startsWith(PRIVATE) || 'private')

    return engine.dial(target, { pipeline: pipeline(fromCaller(), fallback(pipeline(own, race()), race())) }).then(() => 'connected', String)
  })

  t.deepEqual(await clock.until(Promise.all(outcomes)), ['connected', 'connected'])
})
