/** Packages to run the project's tests with, besides its own dev dependencies */
export interface Consumer {
  /** Name on the command line */
  readonly name: string
  /** Command line name of several consumers together */
  readonly group?: string
  /** Packages to install. Each replaces the project's version of the same package */
  readonly packages: Readonly<Record<string, string>>
  /** Folder here that is copied beside the tested files */
  readonly folder?: string
  /** Files of the project that are copied beside the folder */
  readonly files?: readonly string[]
  /** System program that the tests run */
  readonly program?: { readonly name: string, readonly install: string }
  /** Module that is loaded before each test file, as a path from the project's root */
  readonly setup?: string
  /** Installs the project's tarball instead of copying its source: the tests import the package */
  readonly isPacked?: boolean
  /** Leaves out the peer dependencies of the packages, which the tests replace */
  readonly hasOwnPeers?: boolean
  /** Default: the project's tests on real nodes */
  readonly tests?: readonly Tests[]
  /** Folder whose types are checked. Default: the project's, without its tests */
  readonly types?: string
  /** Tests that cannot pass, by the reason */
  readonly without?: Readonly<Record<string, Tests>>
}

/** Patterns for ava's command line */
export interface Tests {
  readonly files?: readonly string[]
  readonly titles?: readonly string[]
}
