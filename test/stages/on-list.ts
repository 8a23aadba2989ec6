import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { testDial } from '../../src/testing/test-dial.ts'
import { world } from '../helpers/scripted.ts'
import type { CandidateInit } from '../../src/pipeline/candidate.ts'
import type { AnyStageInit, Candidate, List } from '../../src/pipeline/types.ts'
import type { ScriptedComponentsInit } from '../../src/testing/scripted-components.ts'

/** Peers that relay, and that are dialled */
export const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'
export const PEER = '12D3KooWG6yPLuewX5CLy3htxVX3fZbyzTRCHpCEfnMSGKqufVwD'
export const CERTHASH = '/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g'
export const ONION = '/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234'

export function cand (address: string, init?: CandidateInit): Candidate {
  return candidate(multiaddr(address), undefined, init)
}

export function cands (addresses: readonly string[]): Candidate[] {
  return addresses.map(address => cand(address))
}

export interface OnList {
  /** What it is about: the newest list that the stage yielded */
  list: List
  /** The addresses that it kept, in its order */
  kept: string[]
  /** Why it dropped the others */
  dropped: Record<string, string | undefined>
}

/** What a stage makes of lists, one after another; answers for the last */
export async function onLists (stage: AnyStageInit, lists: ReadonlyArray<readonly Candidate[]>, init: Partial<ScriptedComponentsInit> = {}): Promise<OnList> {
  const trial = testDial({ components: world({}, init).components })
  let last: List | undefined

  async function * given (): AsyncGenerator<List> {
    for (const candidates of lists) {
      yield { kind: 'candidates', candidates, complete: true, revision: 0 }
    }
  }

  for await (const list of trial.run(stage, given())) {
    last = list
  }

  trial.end()
  const list = last as List
  const stories = [...trial.story.addresses.values()]

  return {
    list,
    kept: list.candidates.map(({ id }) => id),
    dropped: Object.fromEntries(stories.flatMap(({ candidate, dropped }) => dropped == null ? [] : [[candidate.id, dropped.reason]]))
  }
}

/** What a stage makes of one complete list */
export async function onList (stage: AnyStageInit, candidates: readonly Candidate[], init?: Partial<ScriptedComponentsInit>): Promise<OnList> {
  return onLists(stage, [candidates], init)
}
