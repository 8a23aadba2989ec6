import { APPS } from './apps.ts'
import { RELEASES } from './releases.ts'
import type { Consumer } from './consumer.ts'

export const CONSUMERS: readonly Consumer[] = [
  ...RELEASES,
  {
    name: 'quic',
    // not in the lock file of the project: some of its platforms' builds are missing from registries
    packages: { '@chainsafe/libp2p-quic': '2.1.1' },
    folder: 'quic',
    tests: [{ files: ['interop/quic/**/*.test.ts'] }],
    types: 'interop/quic'
  },
  {
    name: 'webrtc',
    // not in the lock file of the project: it brings hundreds of packages, and native code. Also for bench/leaks.ts
    packages: { '@libp2p/webrtc': '6.0.33' },
    folder: 'webrtc',
    setup: 'interop/webrtc/exit-when-done.ts',
    tests: [{ files: ['interop/webrtc/**/*.test.ts'] }],
    types: 'interop/webrtc'
  },
  ...APPS
]
