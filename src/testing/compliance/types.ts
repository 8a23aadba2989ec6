import type { ScriptedComponentsInit } from '../scripted-components.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import type { Candidate, DialPipelineOptions, Flow } from '../../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** A check of one rule of the stage contract, for a stage. Pass it to any test runner: `test(check.name, check.run)` */
export interface ComplianceCheck {
  /** The rule, as a title for the test */
  readonly name: string
  /** @throws Error that names the stage, and describes what it did */
  readonly run: () => Promise<void>
}

/** The input and the surroundings that `compliance()` gives a stage. All options are optional */
export interface ComplianceFixture {
  /**
   * The kinds of input that the stage is tested with: `target`, `candidates` or `connections`. Name `target` alone for a stage or pipeline that
   * finds addresses by itself: the checks expect it to dial the given ones. Default: every kind that the stage accepts
   */
  from?: ReadonlyArray<keyof Flow> | undefined
  /** Returns components of the node, such as resolvers or a peer store. The suite overrides the network and the clock */
  components?: ((sample: ComplianceSample) => Partial<ScriptedComponentsInit>) | undefined
  /** Returns three or more candidates for the stage. Include some that it drops, if it drops any. Default: of several kinds, or equal ones for a race */
  candidates?: ((peerId: PeerId) => readonly Candidate[]) | undefined
  /** Properties of connections that the stage passes on, as `{ encryption: '/tls/1.0.0' }`. Default: the stage may discard every connection */
  connection?: Partial<Connection> | undefined
  /** Options of the dial */
  options?: DialPipelineOptions | undefined
  /**
   * Milliseconds of virtual time after which the stage is expected to have finished
   *
   * @default 60000
   */
  timeLimit?: number | undefined
  /**
   * Whether candidates that the stage dropped may return later, after its list was complete
   *
   * @default false
   */
  restoresDropped?: boolean | undefined
}

/** The arguments from which a fixture creates its components */
export interface ComplianceSample {
  readonly peerId: PeerId
  readonly candidates: readonly Candidate[]
  readonly clock: VirtualClock
}
