import test from 'ava'
import * as presets from '../../presets/index.ts'
import { all, MIX, play } from './scene.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'

const { tcp } = MIX
const addresses = Object.values(MIX)
const make: Record<string, () => DialPipeline> = { ...presets, fromConnectionManagerInit: () => presets.fromConnectionManagerInit({}) }

/** Addresses of the mix that a preset does not dial, although certified and passed by the caller */
const REFUSES: Record<string, readonly string[]> = { publicOnly: [MIX.loopback, MIX.private] }
/** Sources of an address that a preset finds immediately. Default: only the caller */
const FROM: Record<string, string> = { certifiedFirst: 'provenance: from user, certified, which is excluded', certifiedOnly: 'provenance: from certified, user, which is excluded' }
const ONE_BY_ONE = new Set(['stock', 'fromConnectionManagerInit'])

for (const [name, preset] of Object.entries(make)) {
  const dials = addresses.filter(address => REFUSES[name]?.includes(address) !== true)

  test(`${name} connects to any one live address when the others refuse`, async t => {
    for (const address of dials) {
      const { connection, error, left } = await play(preset(), { given: addresses, certified: addresses, network: { ...all(addresses, { refuses: 20 }), [address]: { connects: 50 } } })

      t.true(connection?.remoteAddr.toString().startsWith(address), `${address}: ${String(error)}`)
      t.is(left, 0)
    }
  })

  test(`${name} dials each address once, and fails with an AggregateError`, async t => {
    const { dialled, error, dropped, left } = await play(preset(), { given: addresses, certified: addresses, network: all(addresses, { refuses: 20 }) })

    t.deepEqual(dialled.toSorted(), dials.toSorted())
    t.is(error?.name, 'AggregateError')
    t.is((error as AggregateError).errors.length, dials.length)
    t.deepEqual(Object.keys(dropped).toSorted(), (REFUSES[name] ?? []).toSorted())
    t.is(left, 0)
  })

  test(`${name} rejects with NoValidAddressesError when there is no address`, async t => {
    const { dialled, error, left } = await play(preset(), {})

    t.deepEqual(dialled, [])
    t.is(error?.name, 'NoValidAddressesError')
    t.is(left, 0)
  })

  test(`${name} asks the gater about each address`, async t => {
    const { dialled, error, dropped } = await play(preset(), { given: addresses, certified: addresses, denied: dials })

    t.deepEqual(dialled, [])
    // the preset drops some for another reason
    t.is(error?.name, name === 'publicOnly' ? 'NoValidAddressesError' : 'DialDeniedError')
    t.deepEqual(dials.map(address => dropped[address]), dials.map(() => 'gater: denied by connectionGater.denyDialMultiaddr'))
  })

  test(`${name} drops addresses that the dial option provenance excludes`, async t => {
    const { dialled, dropped } = await play(preset(), { given: addresses, certified: addresses, options: { provenance: { exclude: ['user', 'certified'] } } })

    t.deepEqual(dialled, [])
    t.deepEqual(new Set(Object.values(dropped)), new Set([FROM[name] ?? 'provenance: from user, which is excluded']))
  })

  test(`${name} dials at most maxPeerAddrsToDial addresses`, async t => {
    const many = Array.from({ length: 30 }, (_, i) => `/ip4/8.8.8.${i + 1}/tcp/4001`)
    const { dialled } = await play(preset(), { given: many, certified: many, network: all(many, { refuses: 1 }) })

    t.is(dialled.length, 25)
  })

  test(`${name} dials an address that libp2p's order has among the first maxPeerAddrsToDial, however many others the preset prefers`, async t => {
    const quic = [1, 2, 3, 4, 5].map(n => `/ip4/8.8.${n}.8/udp/4001/quic-v1`)
    const { connection, error } = await play(preset(), { stored: [...quic, tcp], certified: [...quic, tcp], network: { [tcp]: { connects: 50 } }, most: 5 })

    t.true(connection?.remoteAddr.toString().startsWith(tcp), String(error))
  })

  if (!ONE_BY_ONE.has(name)) {
    test(`${name} connects to any one live address when the others are silent`, async t => {
      for (const address of dials) {
        const { connection, error, left } = await play(preset(), { given: addresses, certified: addresses, network: { [address]: { connects: 50 } } })

        t.true(connection?.remoteAddr.toString().startsWith(address), `${address}: ${String(error)}`)
        t.is(left, 0)
      }
    })
  }
}
