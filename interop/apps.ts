import type { Consumer } from './consumer.ts'

/** Applications and networks of users. Each runs with libp2p's own dialer and with this one */
export const APPS: readonly Consumer[] = [
  app('helia', {
    '@helia/bitswap': '4.0.19',
    '@helia/libp2p': '2.1.4',
    '@helia/unixfs': '8.0.5',
    'helia': '7.1.15'
  }),
  app('orbitdb', {
    '@helia/bitswap': '4.0.19',
    '@helia/libp2p': '2.1.4',
    '@orbitdb/core': '4.0.0',
    'helia': '7.1.15'
  }),
  app('lan', {}),
  app('pnet', { '@libp2p/pnet': '3.0.27' }),
  app('relay', {}),
  {
    ...app('suite', {
      '@libp2p/daemon-client': '10.0.16',
      '@libp2p/daemon-server': '9.0.16',
      '@libp2p/floodsub': '11.0.28',
      '@libp2p/interop': '14.0.16',
      '@libp2p/mplex': '12.0.32',
      '@libp2p/plaintext': '3.0.26',
      '@libp2p/tls': '3.1.10',
      'chai': '4.5.0',
      'chai-as-promised': '7.1.2',
      'chai-bites': '0.3.1',
      'chai-parentheses': '0.0.2',
      'chai-subset': '1.6.0',
      'mocha': '12.0.3'
    }),
    hasOwnPeers: true
  },
  {
    ...app('redis', { redis: '6.3.1' }),
    files: ['examples/share-history.ts', 'test/support/render-table.ts', 'test/helpers/public-tcp.ts'],
    program: { name: 'redis-server', install: 'apt-get install redis-server' }
  }
]

function app (name: string, packages: Readonly<Record<string, string>>): Consumer {
  return {
    name,
    group: 'apps',
    packages,
    folder: 'apps',
    isPacked: true,
    tests: [{ files: [`interop/apps/${name}/**/*.test.ts`] }],
    types: `interop/apps/${name}`
  }
}
