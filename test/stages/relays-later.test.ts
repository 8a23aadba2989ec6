import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { relaysLater } from '../../src/stages/relays-later.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { has } from '../helpers/has.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cands, onList, PEER, RELAY } from './on-list.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`
const relayed = `/ip4/1.2.3.4/tcp/1${VIA}`
const other = `/ip4/5.6.7.8/udp/1/quic-v1${VIA}`
const direct = '/ip4/8.8.8.8/tcp/1'
const slow = '/ip4/8.8.4.4/tcp/2'

/** Returns the time of each attempt within three seconds. Other candidates start 100 ms apart */
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

test('relaysLater() starts relayed addresses when all direct ones have failed', async t => {
  t.deepEqual(await dialled(undefined, { [relayed]: 'silent', [direct]: { refuses: 150 }, [other]: 'silent', [slow]: { refuses: 300 } }), [
    [0, direct],
    [100, slow],
    // at that time, no attempt is in flight
    [400, relayed],
    [500, other]
  ])
})

test('relaysLater() without a time waits while a direct address is in flight', async t => {
  t.deepEqual(await dialled(undefined, { [relayed]: 'silent', [direct]: 'silent' }), [[0, direct]])
})

test('relaysLater() starts relayed addresses its time after the first direct one', async t => {
  t.deepEqual(await dialled(1_000, { [relayed]: 'silent', [direct]: 'silent', [other]: 'silent', [slow]: 'silent' }), [
    [0, direct],
    [100, slow],
    [1_000, relayed],
    [1_100, other]
  ])
})

test('relaysLater() does not wait without direct addresses', async t => {
  t.deepEqual(await dialled(1_000, { [relayed]: 'silent', [other]: 'silent' }), [[0, relayed], [100, other]])
})

test('relaysLater() dials no relayed address after a direct connection', async t => {
  t.deepEqual(await dialled(1_000, { [relayed]: { connects: 10 }, [direct]: { connects: 900 } }), [[0, direct]])
})

test('relaysLater() treats WebRTC over a relay as direct', async t => {
  const webRtc = `${relayed}/webrtc`

  t.deepEqual((await dialled(undefined, { [relayed]: 'silent', [webRtc]: 'silent' })), [[0, webRtc]])
})

test('relaysLater() neither orders nor drops', async t => {
  const addresses = [relayed, direct, `${VIA}/p2p/${PEER}`]

  has(t, await onList(relaysLater(), cands(addresses)), { kept: addresses, dropped: {} })
})
