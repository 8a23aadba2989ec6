import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { hostOf } from '../../src/address/network.ts'

for (const address of ['/dns4/names.example/tcp/1', '/dns/NAMES.example./tcp/1/ws', '/dnsaddr/n%61mes.example', '/dns6/ｎames.example/udp/1/quic-v1']) {
  test(`the host of ${address} is names.example`, t => {
    t.is(hostOf(multiaddr(address)).host, 'names.example')
  })
}
