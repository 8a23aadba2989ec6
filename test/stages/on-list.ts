import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { Lists } from '../../src/pipeline/runtime/lists.ts'
import { listStagesOf } from '../../src/pipeline/runtime/connect.ts'
import { latest } from '../../src/pipeline/runtime/rules.ts'
import { InputList } from '../../src/testing/compliance/input-list.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { world } from '../helpers/scripted.ts'
import type { CandidateInit } from '../../src/pipeline/candidate.ts'
import type { StageDial } from '../../src/pipeline/runtime/stage-dial.ts'
import type { StageRule } from '../../src/pipeline/runtime/rules.ts'
import type { AnyStage, Candidate, List, RaceState } from '../../src/pipeline/types.ts'
import type { ScriptedComponentsInit } from '../../src/testing/scripted-components.ts'

/** The peer ids of a relay and of a dialled peer */
export const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'
export const PEER = '12D3KooWAcwzQbKqSAJHDuRsRruiXPoa13SoqydqCmLupcMhUpb5'
export const CERTHASH = '/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g'
export const ONION = '/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234'

export function cand (address: string, init?: CandidateInit): Candidate {
  return candidate(multiaddr(address), undefined, init)
}

export function cands (addresses: readonly string[]): Candidate[] {
  return addresses.map(address => cand(address))
}

export interface OnList {
  /** The newest list that the stage yielded */
  list: Pick<List, 'candidates' | 'complete'>
  /** The kept addresses in the order of the stage */
  kept: string[]
  /** The reason of each dropped address */
  dropped: Record<string, string | undefined>
  /** The timing rules that the stage registered */
  rules: readonly StageRule[]
}

/** Gives a stage several lists, one after another, and returns the result of the last one */
export async function onLists (stage: AnyStage, all: ReadonlyArray<readonly Candidate[]>, init: Partial<ScriptedComponentsInit> = {}): Promise<OnList> {
  const trial = testDial({ components: world({}, init).components })
  const given = new InputList()
  const { part } = trial.dial as StageDial
  const lists = new Lists(part, undefined, listStagesOf([given.stage, stage], part))
  let list: Pick<List, 'candidates' | 'complete'> = { candidates: [], complete: false }

  for (const candidates of all) {
    given.give({ candidates })
    list = lists.take()

    while (!list.complete) {
      await settled()
      list = lists.take()
    }
  }

  trial.end()
  const stories = [...trial.story.addresses.values()]

  return {
    list,
    rules: lists.rules,
    kept: list.candidates.map(({ id }) => id),
    dropped: Object.fromEntries(stories.flatMap(({ candidate, dropped }) => dropped == null ? [] : [[candidate.id, dropped.reason]]))
  }
}

/** Gives a stage one complete list, and returns the result */
export async function onList (stage: AnyStage, candidates: readonly Candidate[], init?: Partial<ScriptedComponentsInit>): Promise<OnList> {
  return onLists(stage, [candidates], init)
}

/** Returns the time at which a timing rule lets the first untried candidate of a race start */
export type TimeOf = (race: Partial<RaceState> & Pick<RaceState, 'untried'>) => number

/** Returns the paces and the holds of a stage that has seen a complete list, each combined into its latest time */
export async function timesOn (stage: AnyStage, candidates: readonly Candidate[], init?: Partial<ScriptedComponentsInit>): Promise<{ pace: TimeOf, hold: TimeOf }> {
  const { rules } = await onList(stage, candidates, init)
  const timeOf = (kind: readonly StageRule[]): TimeOf => race => {
    const state = { inFlight: [], outcomes: [], complete: true, startedAt: 0, firstStart: 0, lastStart: 0, ...race }

    return latest(kind.map(rule => rule.ask(state)), race.untried[0] as Candidate)
  }

  return { pace: timeOf(rules.filter(({ isPace }) => isPace)), hold: timeOf(rules.filter(({ isPace }) => !isPace)) }
}
