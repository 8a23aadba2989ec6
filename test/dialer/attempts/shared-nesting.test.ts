import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

const [PEER, HELPER] = [await newPeer(), await newPeer()]
const OF_HELPER = '/ip4/198.41.0.1/tcp/1'

/** A node whose transport dials a helper 10 ms after each dial of address 1 starts */
function helped (whole: DialPipeline): EngineWorld {
  const made = engineWorld(whole, { 1: { connects: 20 } })
  const { transportManager, peerStore } = made.components
  const { dial } = transportManager
  made.network.script(OF_HELPER, { connects: 20 })
  peerStore.get = async (id: any) => ({ id, addresses: HELPER.equals(id) ? [{ multiaddr: multiaddr(OF_HELPER), isCertified: false }] : [] }) as any
  transportManager.dial = async (one, options) => {
    if (one.toString().startsWith(address(1).toString())) {
      await sleep(10, made.clock, new AbortController().signal)
      await made.engine.dial(HELPER, options as object)
    }

    return dial(one, options)
  }

  return made
}

const loose = { provenance: ['peer-store', 'user'] }
const own = { pipeline: pipeline(fromCaller(), race()) }

for (const [which, options] of [['a looser provenance is asked for first', [loose, own]], ['a looser provenance is asked for second', [own, loose]]] as const) {
  test(`the nested dial of a shared attempt has the node's provenance when ${which}`, async t => {
    const { engine, clock, network } = helped(pipeline(fromPeerStore(), fromCaller(), provenance({ include: ['user'] }), race()))
    const dials = options.map(async one => t.throwsAsync(engine.dial(address(1, PEER), one as object), { name: 'NoValidAddressesError' }))
    await clock.until(Promise.all(dials))

    t.false(network.dialled.includes(OF_HELPER))
  })
}

test('the dial of a relay has the provenance policy of the one dial that needs the relay', async t => {
  const { engine, clock } = helped(pipeline(fromPeerStore(), fromCaller(), provenance({ include: ['user'] }), race()))

  t.is((await clock.until(engine.dial(address(1, PEER), loose as object))).status, 'open')
})
