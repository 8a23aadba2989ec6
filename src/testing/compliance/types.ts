import type { ScriptedComponentsInit } from '../scripted-components.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import type { Candidate, DialPipelineOptions, Flow } from '../../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

/** One point of the contract, checked on one stage. Any test runner will do: `test(check.name, check.run)` */
export interface ComplianceCheck {
  /** The point, and what it says */
  readonly name: string
  /** @throws Error that names the stage, the point, and what was seen */
  readonly run: () => Promise<void>
}

/** What a stage needs so that the suite can see it work */
export interface ComplianceFixture {
  /** What it is given: one that finds addresses by itself has more to dial than the list says. Default: everything that it accepts */
  from?: ReadonlyArray<keyof Flow>
  /** What the node of the stage has: resolvers, a peer store, … The network and the clock are the suite's own */
  components?: (sample: ComplianceSample) => Partial<ScriptedComponentsInit>
  /**
   * What the stage is given, in this order: three or more, some of which it drops if it ever drops any. A stage that
   * yields connections has to dial every one of them.
   */
  candidates?: (peerId: PeerId) => readonly Candidate[]
  /** Per-dial options */
  options?: DialPipelineOptions
  /**
   * Milliseconds of virtual time in which a stage has done what it does
   *
   * @default 60000
   */
  patience?: number
  /** It orders or times by itself: to keep to the order and the pace of the list that it is given is not asked of it */
  reorders?: boolean
  /** It dials an address again that has failed, as `retry` does */
  repeats?: boolean
  /** Its verdicts change with time: a dropped address may come back after the list was complete */
  revises?: boolean
}

/** What there is in the suite's world when the components are made */
export interface ComplianceSample {
  readonly peerId: PeerId
  readonly candidates: readonly Candidate[]
  readonly clock: VirtualClock
}
