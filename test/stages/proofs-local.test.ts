import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import * as stages from '../../src/stages/index.ts'
import { recordOf } from '../helpers/signing-peer.ts'
import { bareAddress, dialled, PEER, runStage, said } from '../testing/try-out.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { ExecutionContext } from 'ava'
import type { Multiaddr } from '@multiformats/multiaddr'

const LOCAL = multiaddr('/ip4/10.0.0.7/tcp/1')

/** A node with attribution that knows an address of its own network from its peer store and from the DHT */
async function attributed (t: ExecutionContext, stage: AnyStage, signed: readonly Multiaddr[], addresses = [LOCAL, bareAddress(1)]): Promise<string> {
  const peerRecordEnvelope = await recordOf(PEER, signed)
  const booked = { multiaddr: LOCAL, isCertified: false, provenance: [{ source: 'dht', reporter: 'somebody' }] }
  const trial = await runStage(t, pipeline(stages.fromKnown(), stage), [], {
    from: 'target',
    components: () => ({
      addressBook: { isAttributed: true, query: () => [booked] },
      surroundings: { isPublic: true, wasPublic: () => true },
      stored: addresses.map(one => ({ multiaddr: one, isCertified: true })),
      peerRecordEnvelope
    })
  })

  return said(trial).at(-1) ?? ''
}

test('scope() keeps a certified local address', async t => {
  t.is(await attributed(t, stages.scope(), [bareAddress(1)]), '1')
  t.is(await attributed(t, stages.scope(), [LOCAL, bareAddress(1)]), `${LOCAL} 1`)
})

test('byLocalHearsay() keeps the place of a certified local address', async t => {
  t.is(await attributed(t, stages.byLocalHearsay(), [bareAddress(1)]), `1 ${LOCAL}`)
  t.is(await attributed(t, stages.byLocalHearsay(), [LOCAL, bareAddress(1)]), `${LOCAL} 1`)
})

test('localHearsayLater() does not limit certified local addresses', async t => {
  const local = [1, 2, 3, 4].map(n => multiaddr(`/ip4/10.0.0.${n}/tcp/1`))

  for (const [signed, most] of [[[], 2], [local, 4]] as const) {
    const peerRecordEnvelope = await recordOf(PEER, signed)
    const trial = await runStage(t, pipeline(stages.fromKnown(), stages.localHearsayLater(), stages.stagger(10), stages.race()), [], {
      ms: 100,
      from: 'target',
      components: () => ({
        addressBook: { isAttributed: true, query: () => [] },
        stored: local.map(one => ({ multiaddr: one, isCertified: true })),
        peerRecordEnvelope
      })
    })
    t.is(dialled(trial).length, most)
  }
})

test('quota() does not limit certified addresses', async t => {
  const many = Array.from({ length: 30 }, (_, n) => bareAddress(n + 1))
  t.is((await attributed(t, stages.quota(), [], many)).split(' ').length, 16)
  t.is((await attributed(t, stages.quota(), many, many)).split(' ').length, 31)
})
