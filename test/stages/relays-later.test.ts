import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { relaysLater } from '../../src/stages/relays-later.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { engineWorld, newPeer } from '../helpers/scripted.ts'
import { has } from '../helpers/has.ts'
import { cands, onList, PEER, RELAY } from './on-list.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`
const relayed = `/ip4/1.2.3.4/tcp/1${VIA}`
const other = `/ip4/5.6.7.8/udp/1/quic-v1${VIA}`
const direct = '/ip4/8.8.8.8/tcp/1'
const slow = '/ip4/8.8.4.4/tcp/2'

/** When each was dialled in three seconds, with the next after 100 ms where nothing else is said */
async function dialled (ms: number | undefined, network: Record<string, Script>): Promise<Array<[number, string]>> {
  const peer = (await newPeer()).toString()
  const { engine, clock, network: scripted } = engineWorld(pipeline(fromCaller(), stagger(100), relaysLater(ms), race()))
  Object.entries(network).forEach(([address, script]) => { scripted.script(address, script) })
  const dial = engine.dial(Object.keys(network).map(address => multiaddr(`${address}/p2p/${peer}`)))
  dial.catch(() => {})
  await clock.advance(3_000)
  engine.stop()

  return scripted.attempts.map(({ at }, i) => [at, scripted.dialled[i] as string])
}

test('relayed ones start when every direct one has failed, in the time from above', async t => {
  t.deepEqual(await dialled(undefined, { [relayed]: 'silent', [direct]: { refuses: 150 }, [other]: 'silent', [slow]: { refuses: 300 } }), [
    [0, direct],
    [100, slow],
    // nothing is in flight any more
    [400, relayed],
    [500, other]
  ])
})

test('without a time they wait as long as a direct one is in flight', async t => {
  t.deepEqual(await dialled(undefined, { [relayed]: 'silent', [direct]: 'silent' }), [[0, direct]])
})

test('with a time they start so long after the first direct one', async t => {
  t.deepEqual(await dialled(1_000, { [relayed]: 'silent', [direct]: 'silent', [other]: 'silent', [slow]: 'silent' }), [
    [0, direct],
    [100, slow],
    [1_000, relayed],
    [1_100, other]
  ])
})

test('relayed ones alone do not wait', async t => {
  t.deepEqual(await dialled(1_000, { [relayed]: 'silent', [other]: 'silent' }), [[0, relayed], [100, other]])
})

test('a direct one that connects leaves relayed ones undialled', async t => {
  t.deepEqual(await dialled(1_000, { [relayed]: { connects: 10 }, [direct]: { connects: 900 } }), [[0, direct]])
})

test('WebRTC that is signalled through a relay is direct', async t => {
  const webRtc = `${relayed}/webrtc`

  t.deepEqual((await dialled(undefined, { [relayed]: 'silent', [webRtc]: 'silent' })), [[0, webRtc]])
})

test('it neither orders nor drops', async t => {
  const addresses = [relayed, direct, `${VIA}/p2p/${PEER}`]

  has(t, await onList(relaysLater(), cands(addresses)), { kept: addresses, dropped: {} })
})
