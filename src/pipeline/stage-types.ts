import type { Flow } from './flow.ts'

/** A named step from target to list, list to list, list to connections, or connections to connections. How it works is its own business */
export interface Stage<In extends keyof Flow = 'candidates', Out extends keyof Flow = In, Name extends string = string> {
  readonly name: Name
  readonly accepts: { readonly [K in In]: true }
  readonly yields: Out
  /** The per-dial options that it reads */
  readonly options: readonly string[]
}

/** Any stage, for lists of them */
export interface AnyStage {
  readonly name: string
  readonly accepts: { readonly [K in keyof Flow]?: true }
  readonly yields: keyof Flow
  readonly options: readonly string[]
}

/** What a dialer runs: from a target to connections */
export interface DialPipeline extends AnyStage {
  readonly accepts: { readonly target: true, readonly candidates?: true }
  readonly yields: 'connections'
}
