import { Circuit } from '@multiformats/multiaddr-matcher'
import { checkArguments } from '../pipeline/check-arguments.ts'
import { rank } from '../pipeline/authoring/rank.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

/** Addresses behind a relay last (WebRTC that is only signalled through one is not); keeps the order from above otherwise */
export function relayLast (): Stage<'candidates', 'candidates', 'relay-last'> {
  checkArguments('relayLast()', arguments)

  return rank('relay-last', (a, b) => Number(isRelayed(a)) - Number(isRelayed(b)))
}

export function isRelayed ({ multiaddr }: Candidate): boolean {
  return Circuit.exactMatch(multiaddr)
}
