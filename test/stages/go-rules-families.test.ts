import { rules } from './go-rules.ts'

rules('QUIC', [
  {
    it: 'one IPv6 and one IPv4 address',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1']
    ]
  },
  {
    // by score 6:4001, 6:4002, 4:4001, 4:4002. The best IPv4 one moves to the second place, the others start after 2q
    it: 'both IP versions: the best of each, then all others together',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [500, '/ip6/2a00::1/udp/4002/quic-v1'],
      [500, '/ip4/1.2.3.4/udp/4002/quic-v1'],
      [500, '/ip4/1.2.3.4/udp/4003/quic-v1']
    ]
  },
  {
    it: 'IPv4 only: the best first, all others together after one step',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4002/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4003/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4004/quic-v1']
    ]
  },
  {
    it: 'IPv6 only: the same',
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
    it: 'the first decides: IPv4 QUIC before IPv6 WebTransport, so there is no pair',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip6/2a00::1/udp/4001/quic-v1/webtransport'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport']
    ]
  },
  {
    it: 'WebTransport only is paced as QUIC',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1/webtransport'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport'],
      [500, '/ip4/1.2.3.4/udp/4002/quic-v1/webtransport']
    ]
  },
  {
    // quic-v1 ip6: port, quic ip6: 2^17 + port, quic-v1 ip4: 2^18 + port, quic ip4: 2^17 + 2^18 + port
    it: 'draft-29 stands between QUIC v1 of both IP versions, and the pair moves v1 of IPv4 up',
    ranks: [
      [0, '/ip6/2a00::1/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [500, '/ip6/2a00::1/udp/4001/quic'],
      [500, '/ip4/1.2.3.4/udp/4001/quic']
    ]
  },
  {
    // 2^17 + 65535 < 2^18 + 1
    it: 'IPv6 draft-29 on the highest port before IPv4 QUIC v1 on the lowest',
    ranks: [
      [0, '/ip6/2a00::1/udp/65535/quic'],
      [250, '/ip4/1.2.3.4/udp/1/quic-v1']
    ]
  },
  {
    it: 'low ports first, whatever the IP address',
    ranks: [
      [0, '/ip4/9.9.9.9/udp/443/quic-v1'],
      [250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/8.8.8.8/udp/10000/quic-v1']
    ]
  }
])

rules('TCP', [
  {
    it: 'one IPv6 and one IPv4 address',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    it: 'both IP versions: the best of each, then all others together',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [500, '/ip6/2a00::1/tcp/4002'],
      [500, '/ip6/2a00::1/tcp/4003'],
      [500, '/ip4/1.2.3.4/tcp/4002']
    ]
  },
  {
    it: 'one IP version: the best first, all others together after one step',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/4002'],
      [250, '/ip4/1.2.3.4/tcp/4003']
    ]
  },
  {
    // QUIC alone: 0; TCP from 0 + 250
    it: 'waits for a step after a single QUIC address',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip4/1.2.3.4/tcp/4001'],
      [500, '/ip4/1.2.3.4/tcp/4002']
    ]
  },
  {
    // QUIC 0, 250, 250; TCP from 500
    it: 'waits for a step after the last of several QUIC addresses of one IP version',
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
    it: 'after QUIC of both IP versions, both IP versions itself',
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
    it: 'after QUIC of both IP versions, one IP version itself',
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
    it: 'after QUIC of one IP version, both IP versions itself',
    ranks: [
      [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
      [250, '/ip6/2a00::1/tcp/4001'],
      [500, '/ip4/1.2.3.4/tcp/4001'],
      [750, '/ip6/2a00::1/tcp/4002']
    ]
  },
  {
    // 2^20 + port for each: WebSockets and TCP have the same score
    it: 'WebSockets count as TCP, and low ports go first',
    ranks: [
      [0, '/ip4/1.2.3.4/tcp/80/ws'],
      [250, '/ip4/1.2.3.4/tcp/443/tls/sni/example.com/ws'],
      [250, '/ip4/1.2.3.4/tcp/444/wss'],
      [250, '/ip4/1.2.3.4/tcp/4001']
    ]
  },
  {
    it: 'a WebSocket may be the other IP version of a TCP address',
    ranks: [
      [0, '/ip6/2a00::1/tcp/4001'],
      [250, '/ip4/1.2.3.4/tcp/443/wss'],
      [500, '/ip6/2a00::1/tcp/4002']
    ]
  }
])
