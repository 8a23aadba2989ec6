import type { Consumer } from './consumer.ts'

/** Files and setup for releases before 3.3 */
const BEFORE_3_3: Pick<Consumer, 'folder' | 'setup'> = { folder: 'releases', setup: 'interop/releases/exit-when-idle.ts' }

/** Tests of features that libp2p gained in 3.2 */
const BEFORE_3_2: Consumer['without'] = {
  'libp2p has no events connection:open and connection:opened': {
    files: ['test/*/progress.test.ts'],
    titles: [
      'ours: a dial of the node itself rejects with InvalidPeerIdError*',
      'ours: a caller that aborts the connection causes no error for another caller*',
      'ours: a relayed dial dials the relay first, and reports the events of both'
    ]
  },
  'libp2p has no option addressDialTimeout': {
    titles: [
      'an attempt fails with TimeoutError after addressDialTimeout',
      "libp2p's own dialer connects over the relay when the direct address has failed",
      "libp2p's own dialer opens a socket and a relayed connection for each of these dials",
      'verifyInbound closes the connection of a peer that does not answer within addressDialTimeout',
      'ours: an address that does not connect within addressDialTimeout*',
      'ours: a transport that ignores its signal fails with TimeoutError for a single address*',
      'ours: the settings of the connection manager are readable on its dialQueue'
    ]
  },
  "a connection that is closed while it has something to send throws in libp2p's own code, where nobody can catch it": {
    files: ['test/libp2p/lingering.test.ts']
  },
  "kad-dht waits for a dial of the peer that it looks for, which joins the dial that waits for kad-dht: libp2p's own dialer times out too": {
    titles: ['a peer that only the DHT knows is dialled by its id', 'ours: the DHT finds a peer through another one*']
  },
  'kad-dht dials the peer that it looks for, without a policy: the open connection is the answer to the dial that waits for it': {
    titles: ['excluding dht drops the address that the DHT finds during the dial']
  }
}

/**
 * Versions of libp2p with the packages released at the same time: the newest ones that need no newer libp2p. Users with a lock file of
 * that time have these versions. npm alone installs the newest ones.
 */
export const RELEASES: readonly Consumer[] = [
  {
    name: '3.0.0',
    // some packages of that release are no longer available, and are those of 3.0.6
    packages: {
      'libp2p': '3.0.0',
      '@libp2p/circuit-relay-v2': '4.0.5',
      '@libp2p/crypto': '5.1.12',
      '@libp2p/dcutr': '3.0.5',
      '@libp2p/identify': '4.0.5',
      '@libp2p/interface': '3.0.2',
      '@libp2p/interface-internal': '3.0.5',
      '@libp2p/kad-dht': '16.0.5',
      '@libp2p/logger': '6.0.5',
      '@libp2p/memory': '2.0.13',
      '@libp2p/multistream-select': '7.0.5',
      '@libp2p/peer-collections': '7.0.5',
      '@libp2p/peer-id': '6.0.3',
      '@libp2p/peer-record': '9.0.3',
      '@libp2p/peer-store': '12.0.5',
      '@libp2p/ping': '3.0.5',
      '@libp2p/tcp': '11.0.5',
      '@libp2p/utils': '7.0.5',
      '@libp2p/websockets': '10.0.6',
      'uint8arraylist': '2.4.9'
    },
    without: BEFORE_3_2,
    ...BEFORE_3_3
  },
  {
    name: '3.1.6',
    packages: {
      'libp2p': '3.1.6',
      '@libp2p/circuit-relay-v2': '4.1.6',
      '@libp2p/crypto': '5.1.13',
      '@libp2p/dcutr': '3.0.13',
      '@libp2p/identify': '4.0.13',
      '@libp2p/interface': '3.1.0',
      '@libp2p/interface-internal': '3.0.13',
      '@libp2p/kad-dht': '16.1.6',
      '@libp2p/logger': '6.2.2',
      '@libp2p/memory': '2.0.13',
      '@libp2p/multistream-select': '7.0.13',
      '@libp2p/peer-collections': '7.0.13',
      '@libp2p/peer-id': '6.0.4',
      '@libp2p/peer-record': '9.0.5',
      '@libp2p/peer-store': '12.0.13',
      '@libp2p/ping': '3.0.13',
      '@libp2p/tcp': '11.0.13',
      '@libp2p/utils': '7.0.13',
      '@libp2p/websockets': '10.1.6',
      'uint8arraylist': '2.4.9'
    },
    without: BEFORE_3_2,
    ...BEFORE_3_3
  },
  {
    name: '3.2.4',
    packages: {
      'libp2p': '3.2.4',
      '@libp2p/circuit-relay-v2': '4.2.3',
      '@libp2p/crypto': '5.1.17',
      '@libp2p/dcutr': '3.0.18',
      '@libp2p/identify': '4.1.3',
      '@libp2p/interface': '3.2.2',
      '@libp2p/interface-internal': '3.1.3',
      '@libp2p/kad-dht': '16.2.4',
      '@libp2p/logger': '6.2.6',
      '@libp2p/memory': '2.0.15',
      '@libp2p/multistream-select': '7.0.18',
      '@libp2p/peer-collections': '7.0.18',
      '@libp2p/peer-id': '6.0.8',
      '@libp2p/peer-record': '9.0.9',
      '@libp2p/peer-store': '12.0.18',
      '@libp2p/ping': '3.1.3',
      '@libp2p/tcp': '11.0.18',
      '@libp2p/utils': '7.1.0',
      '@libp2p/websockets': '10.1.11',
      'uint8arraylist': '2.4.9'
    },
    ...BEFORE_3_3
  }
]
