import test from 'ava'
import { testProp } from '@fast-check/ava'
import { isLoopback, isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { isLoopbackHost, isPrivateHost } from '../../src/address/host.ts'
import { address } from '../stages/addresses.ts'
import { dose } from '../support/dose.ts'

testProp('says what @libp2p/utils says, of any address', [address], (t, address) => {
  t.is(isLoopbackHost(address), isLoopback(address), address.toString())
  t.is(isPrivateHost(address), isPrivate(address), address.toString())
}, { numRuns: dose(5_000) })

test('says what @libp2p/utils says, of every first octet of IPv4', t => {
  for (let first = 0; first < 256; first++) {
    for (const rest of ['0.0.0', '0.0.1', '0.2.1', '0.113.1', '16.0.1', '18.0.1', '31.196.1', '51.100.1', '52.193.1', '64.0.1', '88.99.1', '168.1.1', '175.48.1', '254.0.1', '255.255.255']) {
      const address = multiaddr(`/ip4/${first}.${rest}/tcp/1`)

      t.is(isLoopbackHost(address), isLoopback(address), address.toString())
      t.is(isPrivateHost(address), isPrivate(address), address.toString())
    }
  }
})
