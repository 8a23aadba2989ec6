import { ONION, RELAY } from './on-list.ts'
import { rules } from './go-rules.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`

rules('private', [
  {
    // q = t = 30: the steps of the public group, only shorter; other: 100 after the last of QUIC and TCP
    it: 'both IP versions of QUIC and of TCP, then the rest',
    ranks: [
      [0, '/ip6/fd00::1/udp/4001/quic-v1'],
      [30, '/ip4/192.168.1.1/udp/4001/quic-v1'],
      [60, '/ip4/192.168.1.1/udp/4002/quic-v1'],
      [90, '/ip6/fd00::1/tcp/4001'],
      [120, '/ip4/192.168.1.1/tcp/4001'],
      [150, '/ip4/192.168.1.1/tcp/4002'],
      [250, '/ip4/192.168.1.1/udp/4001/webrtc-direct']
    ]
  },
  {
    // without QUIC, TCP starts at 0
    it: 'TCP only',
    ranks: [
      [0, '/ip4/127.0.0.1/tcp/4001'],
      [30, '/ip4/10.0.0.1/tcp/4002'],
      [30, '/ip4/10.0.0.1/tcp/4003']
    ]
  },
  {
    it: 'another transport alone has its delay all the same',
    ranks: [[100, '/ip4/192.168.1.1/udp/4001/webrtc-direct']]
  }
])

rules('private and public', [
  {
    // both have offset 0; private ones stand first
    it: 'in parallel',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [30, '/ip4/192.168.1.1/tcp/4002'],
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    // one IPv6 address and one IPv4 address, but no group has both
    it: 'the IP versions of one do not pair with those of the other',
    ranks: [
      [0, '/ip4/192.168.1.1/udp/4001/quic-v1'],
      [30, '/ip4/192.168.1.1/udp/4002/quic-v1'],
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip6/2a00::1/udp/4002/quic-v1']
    ]
  }
])

rules('relay', [
  {
    // 500 as soon as there is a public address; the second TCP address 250 after the first
    it: 'with public addresses',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [750, `/ip4/5.6.7.8/tcp/4002${VIA}`]
    ]
  },
  {
    it: 'with public addresses that are later themselves',
    ranks: [
      [1_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`]
    ]
  },
  {
    it: 'alone',
    ranks: [
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [250, `/ip4/5.6.7.8/tcp/4002${VIA}`]
    ]
  },
  {
    // the source's comment speaks of any alternative, its code looks at public ones only
    it: 'with private addresses only: no offset',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`]
    ]
  },
  {
    it: 'with private and public addresses',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`]
    ]
  },
  {
    // the rest is no public alternative
    it: 'with names only: no offset, and they follow it',
    ranks: [
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_000, '/dns4/example.com/tcp/4001']
    ]
  },
  {
    // the first test that it meets is that for /p2p-circuit; delays are the public ones
    it: 'through a relay in a private network, it is no private address',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/192.168.1.9/tcp/4001${VIA}`],
      [750, `/ip4/192.168.1.9/tcp/4002${VIA}`]
    ]
  },
  {
    // scores and steps are those of the address of the relay
    it: 'QUIC, TCP and WebSocket relays, both IP versions',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip6/2a00::1/udp/4001/quic-v1${VIA}`],
      [750, `/ip4/5.6.7.8/udp/4001/quic-v1/webtransport${VIA}`],
      [1_000, `/ip6/2a00::1/tcp/443/wss${VIA}`],
      [1_250, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_500, `/ip4/5.6.7.8/tcp/4002${VIA}`]
    ]
  },
  {
    // it has /tcp, so it is a TCP address; "webrtc" is no transport that the rules know
    it: 'WebRTC that is signalled through a relay',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}/webrtc`]
    ]
  },
  {
    // neither QUIC nor TCP nor an IP address: other, 1000 after the group's offset
    it: 'a relay of which no address is given',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_500, VIA]
    ]
  },
  {
    // 2^20 + 443 without an ip4 component is better than 2^20 + 2^18 + 80
    it: 'a relay that has a name counts as no IP version',
    ranks: [
      [0, `/dns4/relay.example/tcp/443/wss${VIA}`],
      [250, `/ip4/5.6.7.8/tcp/80/ws${VIA}`]
    ]
  }
])

rules('rest', [
  {
    it: 'alone, and not sorted',
    given: ['/dns4/b.example/tcp/4002', '/memory/one', ONION, '/dns6/a.example/udp/1/quic-v1'],
    ranks: [
      [1_000, '/dns4/b.example/tcp/4002'],
      [1_000, '/memory/one'],
      [1_000, ONION],
      [1_000, '/dns6/a.example/udp/1/quic-v1']
    ]
  },
  {
    it: 'after public addresses: 1000 after the last of them',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [1_250, '/dns4/example.com/tcp/4001']
    ]
  },
  {
    it: 'after private addresses only: 1000 after the last of them',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [1_100, ONION]
    ]
  },
  {
    // "last appended", which is not the latest: 0 of the public one, not 100 of the private one
    it: 'after private and public addresses: 1000 after the last public one',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, ONION]
    ]
  },
  {
    // 500 of the relayed one, not 1000 of the public one
    it: 'after relayed addresses: 1000 after the last of them, be others later',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_500, ONION]
    ]
  },
  {
    // the relayed one has offset 0: 0 + 1000, not 100 + 1000
    it: 'after private and relayed addresses',
    ranks: [
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_000, ONION]
    ]
  },
  {
    it: 'after a relay of which no address is given',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_500, VIA],
      [2_500, ONION]
    ]
  }
])
