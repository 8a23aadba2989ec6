import { APPS } from './apps.ts'
import { RELEASES } from './releases.ts'
import type { Consumer } from './consumer.ts'

export const CONSUMERS: readonly Consumer[] = [
  ...RELEASES,
  {
    name: 'quic',
    // not in the project's lock file: registries lack builds for some platforms
    packages: { '@chainsafe/libp2p-quic': '2.1.1' },
    folder: 'quic',
    tests: [{ files: ['interop/quic/**/*.test.ts'] }],
    types: 'interop/quic'
  },
  {
    name: 'webrtc',
    // not in the project's lock file: it depends on hundreds of packages and native code. Also for bench/leaks.ts
    packages: { '@libp2p/webrtc': '6.0.33' },
    folder: 'webrtc',
    setup: 'interop/webrtc/exit-when-done.ts',
    tests: [{ files: ['interop/webrtc/**/*.test.ts'] }],
    types: 'interop/webrtc'
  },
  ...APPS
]
