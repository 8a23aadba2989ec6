import type { ScriptedComponentsInit } from '../scripted-components.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import type { Candidate, DialPipelineOptions, Flow } from '../../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** One rule of the stage contract, bound to a stage. Pass it to any test runner: `test(check.name, check.run)` */
export interface ComplianceCheck {
  /** The rule, as a title for the test */
  readonly name: string
  /** @throws Error that names the stage, and describes what it did */
  readonly run: () => Promise<void>
}

/** The input and the surroundings that `compliance()` gives a stage. All options are optional */
export interface ComplianceFixture {
  /**
   * The kinds of input that the stage is tested with: `target`, `candidates` or `connections`. A stage that finds addresses by itself is tested
   * with `target` only. Default: every kind that the stage accepts
   */
  from?: ReadonlyArray<keyof Flow>
  /** Returns components of the node, such as resolvers or a peer store. The suite overrides the network and the clock */
  components?: (sample: ComplianceSample) => Partial<ScriptedComponentsInit>
  /** Returns the candidates that the stage gets, in this order. It returns three or more, and includes some that the stage drops */
  candidates?: (peerId: PeerId) => readonly Candidate[]
  /** Properties of connections that the stage passes on, as `{ encryption: '/tls/1.0.0' }`. Default: the stage may discard every connection */
  connection?: Partial<Connection>
  /** Options of the dial */
  options?: DialPipelineOptions
  /**
   * Milliseconds of virtual time after which the stage is expected to have finished
   *
   * @default 60000
   */
  timeLimit?: number
  /**
   * Whether candidates that the stage dropped may return later, after its list was complete
   *
   * @default false
   */
  restoresDropped?: boolean
}

/** The arguments from which a fixture creates its components */
export interface ComplianceSample {
  readonly peerId: PeerId
  readonly candidates: readonly Candidate[]
  readonly clock: VirtualClock
}
