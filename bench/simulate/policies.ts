import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { listStagesOf } from '../../src/pipeline/runtime/connect.ts'
import { Lists } from '../../src/pipeline/runtime/lists.ts'
import { byHistory } from '../../src/stages/by-history.ts'
import { oddsPace } from '../../src/stages/odds-pace.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { scriptedComponents } from '../../src/testing/scripted-components.ts'
import { ScriptedNetwork } from '../../src/testing/scripted-network.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { truth } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'
import type { StageRule } from '../../src/pipeline/runtime/rules.ts'
import type { StageDial } from '../../src/pipeline/runtime/stage-dial.ts'
import type { AnyStage, Candidate, DialHistory } from '../../src/pipeline/types.ts'

export interface Policy {
  readonly name: string
  readonly stage: AnyStage
  /** It has learnt what is true of the scenario; otherwise it believes what a new node does */
  readonly knows: boolean
  /** Milliseconds between two attempts, a refusal aside. Default: 10 */
  readonly floor?: number
}

const odds = (lambda: number): AnyStage => pipeline(byHistory({ lambda, explore: 0 }), oddsPace({ lambda }))

export const policies: readonly Policy[] = [
  { name: 'sequential', stage: sequential(), knows: false },
  { name: 'fixed 250', stage: stagger(), knows: false },
  { name: 'fixed 250, learnt order', stage: pipeline(byHistory({ explore: 0 }), stagger()), knows: true },
  { name: 'fixed 100', stage: stagger(100), knows: false },
  ...[100, 30, 10].map(lambda => ({ name: `odds ${lambda}`, stage: odds(lambda), knows: true })),
  ...[100, 30, 10].map(lambda => ({ name: `odds ${lambda}, cold`, stage: odds(lambda), knows: false })),
  { name: 'any', stage: stagger(0), knows: false, floor: 0 }
]

/** The addresses of a scenario as a policy has them */
export interface Prepared {
  /** In its order */
  readonly candidates: readonly Candidate[]
  readonly rules: readonly StageRule[]
  /** Which of the scenario's each is */
  readonly indexes: readonly number[]
}

const PEER = peerIdFromString('12D3KooWG6yPLuewX5CLy3htxVX3fZbyzTRCHpCEfnMSGKqufVwD')

/** Runs the stages of a policy on the addresses of a scenario */
export function prepare (scenario: Scenario, { stage, knows }: Pick<Policy, 'stage' | 'knows'>): Prepared {
  const clock = new VirtualClock(0)
  const components = scriptedComponents({ clock, network: new ScriptedNetwork(clock), peerId: PEER })
  const given = scenario.kinds.map(({ path }, i) => candidate(multiaddr(`/ip4/203.0.113.${i + 1}/${path}`), PEER))
  const learnt: Pick<DialHistory, 'estimate'> = { estimate: candidate => truth(scenario, given.indexOf(candidate)) }
  const trial = testDial({ components: knows ? { ...components, history: { ...components.history, ...learnt } } : components })
  const { part } = trial.dial as StageDial
  const lists = new Lists(part, undefined, listStagesOf([source('given', () => given), stage], part))
  const { candidates } = lists.take()

  return { candidates, rules: lists.rules, indexes: candidates.map(one => given.indexOf(one)) }
}
