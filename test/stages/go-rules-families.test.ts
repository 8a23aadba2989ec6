import { rules } from './go-rules.ts'

rules('QUIC', [
  {
    it: 'an IPv4 QUIC address starts 250 ms after an IPv6 one',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1']
    ]
  },
  {
    // by score 6:4001, 6:4002, 4:4001, 4:4002. The best IPv4 one moves to the second place, the others start after 2q
    it: 'with both IP versions, the best of each starts first, and all others together one step later',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [500, '/ip6/2a00::1/udp/4002/quic-v1'],
      [500, '/ip4/1.2.3.4/udp/4002/quic-v1'],
      [500, '/ip4/1.2.3.4/udp/4003/quic-v1']
    ]
  },
  {
    it: 'with IPv4 only, the best address starts first, and all others together after 250 ms',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4002/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4003/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4004/quic-v1']
    ]
  },
  {
    it: 'with IPv6 only, the best address starts first, and all others together after 250 ms',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip6/2a00::1/udp/4002/quic-v1'],
      [250, '/ip6/2a00::1/udp/4003/quic-v1']
    ]
  },
  {
    // score 2^19 for WebTransport, 2^18 for IPv4: IPv6 WebTransport scores better than IPv4 WebTransport, but is third
    it: 'the IPv4 address in second place may be WebTransport',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport'],
      [500, '/ip6/2a00::1/udp/4002/quic-v1'],
      [500, '/ip6/2a00::1/udp/4001/quic-v1/webtransport']
    ]
  },
  {
    // quic-v1 ip4 scores better than webtransport ip6
    it: 'IPv6 WebTransport is not paired with a better IPv4 QUIC address, and starts together with IPv4 WebTransport',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip6/2a00::1/udp/4001/quic-v1/webtransport'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport']
    ]
  },
  {
    it: 'WebTransport without QUIC has the steps of QUIC',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1/webtransport'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport'],
      [500, '/ip4/1.2.3.4/udp/4002/quic-v1/webtransport']
    ]
  },
  {
    // quic-v1 ip6: port, quic ip6: 2^17 + port, quic-v1 ip4: 2^18 + port, quic ip4: 2^17 + 2^18 + port
    it: 'draft-29 addresses start after the pair of QUIC v1 addresses',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [500, '/ip6/2a00::1/udp/4001/quic'],
      [500, '/ip4/1.2.3.4/udp/4001/quic']
    ]
  },
  {
    // 2^17 + 65535 < 2^18 + 1
    it: 'IPv6 draft-29 on the highest port precedes IPv4 QUIC v1 on the lowest',
    ranks: [
      [0, '/ip6/2a00::1/udp/65535/quic'],
      [250, '/ip4/1.2.3.4/udp/1/quic-v1']
    ]
  },
  {
    it: 'lower ports start first, regardless of the IP address',
    ranks: [
      [0, '/ip4/9.9.9.9/udp/443/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/8.8.8.8/udp/10000/quic-v1']
    ]
  }
])

rules('TCP', [
  {
    it: 'an IPv4 TCP address starts 250 ms after an IPv6 one',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    it: 'with both IP versions, the best of each starts first, and all others together one step later',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [500, '/ip6/2a00::1/tcp/4002'],
      [500, '/ip6/2a00::1/tcp/4003'],
      [500, '/ip4/1.2.3.4/tcp/4002']
    ]
  },
  {
    it: 'with one IP version, the best address starts first, and all others together after one step',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4002'],
      [250, '/ip4/1.2.3.4/tcp/4003']
    ]
  },
  {
    // QUIC alone: 0; TCP from 0 + 250
    it: 'TCP starts one step after a single QUIC address',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [500, '/ip4/1.2.3.4/tcp/4002']
    ]
  },
  {
    // QUIC 0, 250, 250; TCP from 500
    it: 'TCP starts one step after the last of several QUIC addresses of one IP version',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4002/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4003/quic-v1'],
      [500, '/ip4/1.2.3.4/tcp/4001'],
      [750, '/ip4/1.2.3.4/tcp/4002'],
      [750, '/ip4/1.2.3.4/tcp/4003']
    ]
  },
  {
    // QUIC at 0, 250 and 500. TCP from 750: 750, 1000, 1250
    it: 'TCP of both IP versions starts one step after QUIC of both IP versions, with the best of each first',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [500, '/ip6/2a00::1/udp/4001/quic-v1/webtransport'],
      [500, '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport'],
      [750, '/ip6/2a00::1/tcp/4001'],
      [1_000, '/ip4/1.2.3.4/tcp/4001'],
      [1_250, '/ip6/2a00::1/tcp/4002']
    ]
  },
  {
    // QUIC at 0 and 250. TCP from 500, whose first two have one IP version
    it: 'TCP of one IP version starts one step after QUIC of both IP versions',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [500, '/ip4/1.2.3.4/tcp/4001'],
      [750, '/ip4/1.2.3.4/tcp/4002'],
      [750, '/ip4/1.2.3.4/tcp/4003']
    ]
  },
  {
    // the pair of TCP does not affect the delay
    it: 'TCP of both IP versions starts one step after a single QUIC address, with the best of each first',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip6/2a00::1/tcp/4001'],
      [500, '/ip4/1.2.3.4/tcp/4001'],
      [750, '/ip6/2a00::1/tcp/4002']
    ]
  },
  {
    // 2^20 + port for each: WebSockets and TCP have the same score
    it: 'WebSockets count as TCP, and lower ports start first',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/80/ws'],
      [250, '/ip4/1.2.3.4/tcp/443/tls/sni/example.com/ws'],
      [250, '/ip4/1.2.3.4/tcp/444/wss'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    it: 'a WebSocket may pair with a TCP address of the other IP version',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/443/wss'],
      [500, '/ip6/2a00::1/tcp/4002']
    ]
  }
])
