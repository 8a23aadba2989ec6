import { ONION, RELAY } from './on-list.ts'
import { rules } from './go-rules.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`

rules('private', [
  {
    // q = t = 30: shorter steps than in the public group. Others: 100 after the last of QUIC and TCP
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
    // both have offset 0, and private ones come first
    it: 'in parallel',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [30, '/ip4/192.168.1.1/tcp/4002'],
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    // one IPv6 and one IPv4 address, but no group with both
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
    // 500 with any public address. The second TCP address is 250 after the first
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
    // the comment in go-libp2p's source says any alternative, but its code checks public ones only
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
    // the rest does not count as a public alternative
    it: 'with names only: no offset, and they follow it',
    ranks: [
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_000, '/dns4/example.com/tcp/4001']
    ]
  },
  {
    // the test for /p2p-circuit comes first, and delays are those of public addresses
    it: 'through a relay in a private network, it is no private address',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/192.168.1.9/tcp/4001${VIA}`],
      [750, `/ip4/192.168.1.9/tcp/4002${VIA}`]
    ]
  },
  {
    // scores and steps of the relay's address
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
    // counts as TCP because of /tcp. The rules have no transport "webrtc"
    it: 'WebRTC that is signalled through a relay',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}/webrtc`]
    ]
  },
  {
    // neither QUIC, TCP nor an IP address: other, 1000 after the offset of the group
    it: 'a relay of which no address is given',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_500, VIA]
    ]
  },
  {
    // 2^20 + 443 without an ip4 component scores better than 2^20 + 2^18 + 80
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
    // "last appended" is not the latest: 0 of the public address, not 100 of the private one
    it: 'after private and public addresses: 1000 after the last public one',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, ONION]
    ]
  },
  {
    // 500 of the relayed address, not 1000 of the public one
    it: 'after relayed addresses: 1000 after the last of them, be others later',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_500, ONION]
    ]
  },
  {
    // the relayed address has offset 0: 0 + 1000, not 100 + 1000
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
