import { dcutr } from '@libp2p/dcutr'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, certifiedFirst } from '../../presets/index.ts'
import { withProvenance, withSource } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { provenance } from '../../src/stages/index.ts'
import { until } from '../helpers/until.ts'
import { listening } from './kit.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Encodes a message of /libp2p/dcutr. CONNECT is 100, SYNC is 300 */
function holePunch (type: number, addresses: readonly Multiaddr[]): Uint8Array {
  const varint = (n: number): number[] => n > 127 ? [(n & 127) | 128, ...varint(n >>> 7)] : [n]
  const body = [8, ...varint(type), ...addresses.flatMap(({ bytes }) => [18, ...varint(bytes.length), ...bytes])]

  return Uint8Array.from([...varint(body.length), ...body])
}

const NAMED = Array.from({ length: 5 }, (_, i) => multiaddr(`/ip4/9.9.9.9/tcp/${20 + i}`))

for (const [name, whole, isDialled] of [
  ['adaptive() with provenance({ include })', adaptive().after('resolve', provenance({ include: ['user', 'certified'] })), false],
  ['certifiedFirst()', certifiedFirst(), false],
  ['adaptive()', adaptive(), true]
] as const) {
  test(`${name} ${isDialled ? 'dials' : 'does not dial'} addresses that a remote peer names over DCUtR`, async t => {
    const node = await listening(t, withProvenance({ services: { identify: identify(), dcutr: dcutr(), dialer: dialer(whole) } }) as object) as any
    const stranger = await listening(t, { services: { identify: identify() } })
    const dialled: string[] = []
    node.components.transportManager.dial = async (address: Multiaddr) => {
      dialled.push(address.toString())
      throw new Error('refused')
    }

    const stream = await (await stranger.dial(node.getMultiaddrs())).newStream('/libp2p/dcutr')
    const answered = new Promise(resolve => { stream.addEventListener('message', resolve, { once: true }) })
    stream.send(holePunch(100, NAMED))
    await answered
    stream.send(holePunch(300, []))
    await until(() => node.services.dialer.traces(), (traces: unknown[]) => traces.length > 0)

    t.is(dialled.some(one => one.startsWith('/ip4/9.9.9.9/')), isDialled)
  })
}

for (const [how, service] of [
  ['when it dials', (components: any) => ({ meet: async (text: string) => components.connectionManager.openConnection(multiaddr(text)) })],
  ['when it is made', ({ connectionManager }: any) => ({ connectionManager, async meet (text: string) { return this.connectionManager.openConnection(multiaddr(text)) } })]
] as const) {
  test(`dials of a service with withSource() have its source when it reads its components ${how}`, async t => {
    const remote = await listening(t)
    const at = String(remote.getMultiaddrs()[0])
    const make = async (include: string[]): Promise<any> => listening(t, withProvenance({ services: { rendezvous: withSource('rendezvous', service), dialer: dialer(adaptive().after('resolve', provenance(include))) } }) as object)
    const [strict, loose] = [await make(['user', 'certified']), await make(['rendezvous'])]

    await t.throwsAsync(strict.services.rendezvous.meet(at), { message: /dropped by provenance: from rendezvous, not from/ })
    t.true(remote.peerId.equals((await loose.services.rendezvous.meet(at)).remotePeer))
  })
}
