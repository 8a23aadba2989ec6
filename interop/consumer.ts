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
  /** Of the project: copied beside the folder */
  readonly files?: readonly string[]
  /** A program of the system that the tests run */
  readonly program?: { readonly name: string, readonly install: string }
  /** A module, by its path from the project's root, that is loaded before each file of tests */
  readonly setup?: string
  /** Installs the project's tarball instead of copying its source: the tests import the package */
  readonly isPacked?: boolean
  /** Leaves out the peer dependencies of the packages, which the tests replace */
  readonly hasOwnPeers?: boolean
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
