import { APPS } from './apps.ts'
import { RELEASES } from './releases.ts'

/** What the project is tried with, beside the packages that it is developed with */
export interface Consumer {
  /** As it is called on the command line */
  readonly name: string
  /** A name on the command line for several consumers */
  readonly group?: string
  /** Beside those of the project, and instead of its own where both name one */
  readonly packages: Readonly<Record<string, string>>
  /** Of this folder: copied beside what is tested */
  readonly folder?: string
  /** A module, by its path from the project's root, that is loaded before each file of tests */
  readonly setup?: string
  /** Installs the project's tarball instead of copying its source: the tests import the package */
  readonly isPacked?: boolean
  /** Default: the project's tests on real nodes */
  readonly tests?: readonly Tests[]
  /** Where the types are checked. Default: those of the project, without its tests */
  readonly types?: string
  /** Which of the tests cannot pass, by the reason */
  readonly without?: Readonly<Record<string, Tests>>
}

/** Patterns, as ava's command line takes them */
export interface Tests {
  readonly files?: readonly string[]
  readonly titles?: readonly string[]
}

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
