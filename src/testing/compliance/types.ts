import type { ScriptedComponentsInit } from '../scripted-components.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import type { Candidate, DialPipelineOptions, Flow } from '../../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** One point, checked on one stage. Any test runner will do: `test(check.name, check.run)` */
export interface ComplianceCheck {
  /** What the stage has to keep to */
  readonly name: string
  /** @throws Error that names the stage, and what was seen */
  readonly run: () => Promise<void>
}

/** What a stage needs so that the suite can see it work */
export interface ComplianceFixture {
  /** What it is given: one that finds addresses by itself has more to dial than the list says. Default: everything that it accepts */
  from?: ReadonlyArray<keyof Flow>
  /** What the node of the stage has: resolvers, a peer store, … The network and the clock are the suite's own */
  components?: (sample: ComplianceSample) => Partial<ScriptedComponentsInit>
  /** What the stage is given, in this order: three or more, some of which it drops if it ever drops any */
  candidates?: (peerId: PeerId) => readonly Candidate[]
  /** What connections have that the stage passes on, as `{ encryption: '/tls/1.0.0' }`. Default: it may give back each that it is given */
  connection?: Partial<Connection>
  /** Per-dial options */
  options?: DialPipelineOptions
  /**
   * Milliseconds of virtual time in which a stage has done what it does
   *
   * @default 60000
   */
  patience?: number
  /**
   * What it drops may come back with time, after the list was complete
   *
   * @default false
   */
  revises?: boolean
}

/** What there is in the suite's world when the components are made */
export interface ComplianceSample {
  readonly peerId: PeerId
  readonly candidates: readonly Candidate[]
  readonly clock: VirtualClock
}
