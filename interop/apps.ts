import type { Consumer } from './consumer.ts'

/** Applications and networks as users have them, each with libp2p's own dialer and with ours */
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
    ...app('redis', { redis: '6.3.1' }),
    files: ['examples/share-history.ts', 'examples/start/table.ts', 'test/helpers/public-tcp.ts'],
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
