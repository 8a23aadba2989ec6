import { ONION, RELAY } from './on-list.ts'
import { rules } from './go-rules.ts'

const VIA = `/p2p/${RELAY}/p2p-circuit`

rules('private', [
  {
    // q = t = 30: shorter steps than in the public group. Others: 100 after the last of QUIC and TCP
    it: 'QUIC and TCP of both IP versions have steps of 30 ms, and others start 100 ms after the last of them',
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
    it: 'without QUIC, TCP starts immediately, with steps of 30 ms',
    ranks: [
      [0, '/ip4/127.0.0.1/tcp/4001'],
      [30, '/ip4/10.0.0.1/tcp/4002'],
      [30, '/ip4/10.0.0.1/tcp/4003']
    ]
  },
  {
    it: 'a WebRTC-direct address alone keeps its delay of 100 ms',
    ranks: [[100, '/ip4/192.168.1.1/udp/4001/webrtc-direct']]
  }
])

rules('private and public', [
  {
    // both have offset 0, and private ones come first
    it: 'private and public addresses start in parallel, each with their own steps',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [30, '/ip4/192.168.1.1/tcp/4002'],
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    // one IPv6 and one IPv4 address, but no group with both
    it: 'a private IPv4 and a public IPv6 address do not count as a pair',
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
    it: 'relayed addresses start at 500 ms when there are public ones',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [750, `/ip4/5.6.7.8/tcp/4002${VIA}`]
    ]
  },
  {
    it: 'relayed addresses start at 500 ms even if the public one starts later',
    ranks: [
      [1_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`]
    ]
  },
  {
    it: 'relayed addresses start immediately when there are no others',
    ranks: [
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [250, `/ip4/5.6.7.8/tcp/4002${VIA}`]
    ]
  },
  {
    // the comment in go-libp2p's source says any alternative, but its code checks public ones only
    it: 'relayed addresses start immediately when the others are private',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`]
    ]
  },
  {
    it: 'relayed addresses start at 500 ms when there are private and public ones',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`]
    ]
  },
  {
    // the rest does not count as a public alternative
    it: 'relayed addresses start immediately when the others are names, which start 1,000 ms later',
    ranks: [
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_000, '/dns4/example.com/tcp/4001']
    ]
  },
  {
    // the test for /p2p-circuit comes first, and delays are those of public addresses
    it: 'an address through a relay in a private network has the delays of a public one',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/192.168.1.9/tcp/4001${VIA}`],
      [750, `/ip4/192.168.1.9/tcp/4002${VIA}`]
    ]
  },
  {
    // scores and steps of the relay's address
    it: "QUIC, TCP and WebSockets to relays have the order and steps of the relays' addresses",
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
    it: "WebRTC through a relay starts like the relay's address",
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}/webrtc`]
    ]
  },
  {
    // neither QUIC, TCP nor an IP address: other, 1000 after the offset of the group
    it: "a relay without an address starts 1,000 ms after the others' offset",
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_500, VIA]
    ]
  },
  {
    // 2^20 + 443 without an ip4 component scores better than 2^20 + 2^18 + 80
    it: "a relay's name counts as neither IP version",
    ranks: [
      [0, `/dns4/relay.example/tcp/443/wss${VIA}`],
      [250, `/ip4/5.6.7.8/tcp/80/ws${VIA}`]
    ]
  }
])

rules('rest', [
  {
    it: 'without other addresses, all start at 1,000 ms, in the order of the input',
    given: ['/dns4/b.example/tcp/4002', '/memory/one', ONION, '/dns6/a.example/udp/1/quic-v1'],
    ranks: [
      [1_000, '/dns4/b.example/tcp/4002'],
      [1_000, '/memory/one'],
      [1_000, ONION],
      [1_000, '/dns6/a.example/udp/1/quic-v1']
    ]
  },
  {
    it: 'other addresses start 1,000 ms after the last public one',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [1_250, '/dns4/example.com/tcp/4001']
    ]
  },
  {
    it: 'other addresses start 1,000 ms after the last private one',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [1_100, ONION]
    ]
  },
  {
    // "last appended" is not the latest: 0 of the public address, not 100 of the private one
    it: 'other addresses start 1,000 ms after the last public one, even if a private one starts later',
    ranks: [
      [0, '/ip4/192.168.1.1/tcp/4001'],
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, ONION]
    ]
  },
  {
    // 500 of the relayed address, not 1000 of the public one
    it: 'other addresses start 1,000 ms after the last relayed one, even if a public one starts later',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct'],
      [500, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_500, ONION]
    ]
  },
  {
    // the relayed address has offset 0: 0 + 1000, not 100 + 1000
    it: 'other addresses start 1,000 ms after the last relayed one, even if a private one starts later',
    ranks: [
      [100, '/ip4/192.168.1.1/udp/4001/webrtc-direct'],
      [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
      [1_000, ONION]
    ]
  },
  {
    it: 'other addresses start 1,000 ms after a relay without an address',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_500, VIA],
      [2_500, ONION]
    ]
  }
])
