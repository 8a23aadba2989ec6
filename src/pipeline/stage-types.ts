import type { Clock } from './clock.ts'
import type { DialPipelineOptions } from './attempt-types.ts'
import type { DialComponents } from './dial-components.ts'
import type { Candidate, Flow, List, Outcome, Rule, Target } from './flow.ts'
import type { AbortOptions, Connection, Logger } from '@libp2p/interface'

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

/** What a stage sees of the dial that it runs for */
export interface Dial extends Required<AbortOptions> {
  /** As it now stands */
  readonly target: Target
  /** The options of the caller who began the dial: those of libp2p, and those that the stage declares */
  readonly options: DialPipelineOptions
  /** Of this dial, oldest first */
  readonly outcomes: readonly Outcome[]
  readonly clock: Clock
  readonly log: Logger
  /** The components of the node */
  readonly node: DialComponents

  /** It was attempted, and has an outcome */
  tried (candidate: Candidate): boolean

  /** The same, also before a retry began anew */
  everTried (candidate: Candidate): boolean
}

/** What a stage below a race sees of it */
export interface ConnectedDial extends Dial {
  /** Gives back a connection that is not passed on: it is closed, unless another dial holds it */
  discard (connection: Connection): void

  /** Says that connections after the first are wanted: without it, the dial ends with the first */
  linger (): void
}

/** What a list stage has going on. All of it ends with the part of the dial that the stage runs in */
export interface Work {
  /** Pending until it settles: the list is not complete before. It must not wait for an attempt; that it rejects ends the dial */
  add (promise: Promise<unknown>): void

  /** Pending for so many milliseconds, or until its end is called */
  after (ms: number): Timer

  /** Asks the stage again at a time, and is not pending. A time that has come, or was named before, is nothing */
  at (time: number): void

  /** Says how attempts follow those in flight. Without a pace: 250 ms after the last start */
  pace (rule: Rule): void

  /** Says who has to wait longer */
  hold (rule: Rule): void

  /** Says why a candidate is left out of the answer, and which error is the cause, where there is one */
  drop (candidate: Candidate, reason: string, cause?: Error): void

  /** Says that others stand for a candidate from here on */
  became (candidate: Candidate, into: readonly Candidate[]): void
}

export interface Timer {
  readonly done: boolean
  end (): void
}

/** What a list stage makes of each list: the candidates that it passes on, preferred first */
export type Answer = (list: List) => readonly Candidate[]
