import { peerOf } from '../../pipeline/candidate.ts'
import { guardedPrefixes } from './guarded-prefixes.ts'
import type { AttemptRequest } from './attempt-request.ts'
import type { SlotRequest } from './slot-request.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

/** The slots that an attempt takes */
export type AskedSlots = Pick<SlotRequest, 'id' | 'peer' | 'transport' | 'dial' | 'attempt'> & { readonly prefixes: readonly string[] }

/** Returns the slots that follow from the address, and from the dial that asks first. A dial made for an attempt trusts no signature */
export function slotsFor (candidate: Candidate, { dial }: AttemptRequest, components: DialComponents): Pick<AskedSlots, 'peer' | 'prefixes' | 'dial'> {
  return {
    peer: peerOf(candidate.multiaddr) ?? candidate.id,
    dial: dial.id,
    prefixes: guardedPrefixes(candidate, components, dial.lineage.depth > 0)
  }
}
