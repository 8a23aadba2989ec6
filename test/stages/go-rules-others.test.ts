import { CERTHASH, ONION } from './on-list.ts'
import { rules } from './go-rules.ts'

rules('WebRTC-direct', [
  {
    // lastDelay is 0 without QUIC and TCP, and go-libp2p's worker starts it immediately because no attempt is in flight
    it: 'a WebRTC-direct address alone starts at 1,000 ms',
    ranks: [[1_000, `/ip4/1.2.3.4/udp/4001/webrtc-direct${CERTHASH}`]]
  },
  {
    it: 'WebRTC-direct starts 1,000 ms after QUIC',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [1_000, `/ip4/1.2.3.4/udp/4001/webrtc-direct${CERTHASH}`]
    ]
  },
  {
    // TCP at 250 and 500, of which the last counts
    it: 'WebRTC-direct starts 1,000 ms after the last of QUIC and TCP',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [500, '/ip4/1.2.3.4/tcp/4002'],
      [1_500, '/ip4/1.2.3.4/udp/4001/webrtc-direct']
    ]
  },
  {
    // 2^21 for each, so the input order stays. Both have the delay of the last QUIC or TCP address + 1000
    it: 'WebRTC-direct addresses of any IP version and port start together, in the order of the input',
    given: ['/ip4/1.2.3.4/udp/9/webrtc-direct', '/ip6/2a00::1/udp/1/webrtc-direct', '/ip4/1.2.3.4/tcp/4001'],
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, '/ip4/1.2.3.4/udp/9/webrtc-direct'],
      [1_000, '/ip6/2a00::1/udp/1/webrtc-direct']
    ]
  }
])

rules('odd addresses', [
  {
    // 2^30: after WebRTC-direct, with the same delay
    it: 'an IP address with an unknown transport counts as public',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, '/ip4/1.2.3.4/udp/4001/webrtc-direct'],
      [1_000, '/ip4/1.2.3.4/udp/4001/utp']
    ]
  },
  {
    it: 'an IP address without a transport counts as public',
    ranks: [[1_000, '/ip4/1.2.3.4']]
  },
  {
    it: 'memory, onion and Unix socket addresses count as the rest',
    given: ['/unix/tmp%2Fsocket', ONION, '/memory/one', '/ip4/1.2.3.4/tcp/1'],
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/1'],
      [1_000, '/unix/tmp%2Fsocket'],
      [1_000, ONION],
      [1_000, '/memory/one']
    ]
  },
  {
    // "an ip4 or ip6 component anywhere"
    it: 'a name followed by an IP address counts as public, with that IP version',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/dns4/example.com/tcp/4001/ip4/1.2.3.4']
    ]
  },
  {
    // the rules check the leading component only
    it: 'a name followed by a private IP address counts as public',
    ranks: [[0, '/dns4/example.com/tcp/4001/ip4/10.0.0.1']]
  },
  {
    // the first of several ports
    it: 'the port of the first TCP component decides',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/1/tcp/9'],
      [250, '/ip4/1.2.3.4/tcp/2/tcp/1']
    ]
  },
  {
    it: 'addresses with equal scores keep the order of the input',
    given: ['/ip4/9.9.9.9/tcp/4001', '/ip4/1.2.3.4/tcp/4001/ws', '/ip4/1.2.3.4/tcp/4001', '/ip4/5.6.7.8/tcp/4001'],
    ranks: [
      [0, '/ip4/9.9.9.9/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4001/ws'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [250, '/ip4/5.6.7.8/tcp/4001']
    ]
  },
  {
    // the first of equal IPv4 addresses counts as "the best-scored"
    it: 'addresses with equal scores keep the order of the input when IP versions are paired',
    given: ['/ip4/9.9.9.9/udp/4001/quic-v1', '/ip6/2a00::2/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip6/2a00::1/udp/4001/quic-v1'],
    ranks: [
      [0, '/ip6/2a00::2/udp/4001/quic-v1'],
      [250, '/ip4/9.9.9.9/udp/4001/quic-v1'],
      [500, '/ip6/2a00::1/udp/4001/quic-v1'],
      [500, '/ip4/1.2.3.4/udp/4001/quic-v1']
    ]
  },
  { it: 'no addresses have no ranks', given: [], ranks: [] }
])

rules('names', [
  {
    // no ip6 and no ip4 component counts as one "IP version", and /dnsaddr is neither QUIC nor TCP
    it: 'localhost counts as private',
    ranks: [
      [0, '/dns/localhost/udp/4001/quic-v1'],
      [30, '/dns4/localhost/tcp/4001'],
      [60, '/dns6/localhost/tcp/4002'],
      [60, '/dns4/a.b.localhost/tcp/4003'],
      [160, '/dnsaddr/localhost']
    ]
  },
  {
    it: 'names that resemble localhost count as the rest',
    given: ['/dns4/notlocalhost/tcp/1', '/dns4/localhost.example/tcp/1', '/dnsaddr/bootstrap.libp2p.io', '/dns4/local/tcp/1'],
    ranks: [
      [1_000, '/dns4/notlocalhost/tcp/1'],
      [1_000, '/dns4/localhost.example/tcp/1'],
      [1_000, '/dnsaddr/bootstrap.libp2p.io'],
      [1_000, '/dns4/local/tcp/1']
    ]
  },
  {
    // rest, for any transport: 0 of the public address + 1000
    it: 'public names count as the rest, with any transport',
    given: ['/dns6/example.com/udp/4001/quic-v1', '/dns4/example.com/tcp/443/wss', '/ip4/1.2.3.4/tcp/4001'],
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [1_000, '/dns6/example.com/udp/4001/quic-v1'],
      [1_000, '/dns4/example.com/tcp/443/wss']
    ]
  }
])

rules('IPv6 zones', [
  {
    it: 'an IPv6 zone does not change the rank',
    ranks: [
      [0, '/ip6zone/eth0/ip6/fe80::1/tcp/4001'],
      [30, '/ip4/10.0.0.1/tcp/4001'],
      [0, '/ip6zone/eth0/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  }
])
