import { fc } from '@fast-check/ava'

/** The number of slots of each kind */
export interface Limits { node: number, peer: number, prefix: number, scarce: number }

/** Either so few slots that tickets wait at every gate, or so many that they wait for the event loop to turn */
export const limits: fc.Arbitrary<Limits> = fc.constantFrom({ node: 4, peer: 2, prefix: 2, scarce: 2 }, { node: 60, peer: 30, prefix: 20, scarce: 60 })

/** One event of the test: a call on the slots, with further calls from the listeners of a ticket */
export interface Act {
  kind: 'take' | 'end' | 'charge' | 'free' | 'raise' | 'silence' | 'release' | 'share' | 'quit' | 'demote' | 'sever' | 'turn'
  /** The index of the ticket among the existing ones */
  which: number
  peer: number
  prefixes: string[]
  isScarce: boolean
  dial: number
  priority: number
  isCharged: boolean
  /** Whether the attempt may give up its slots from the start */
  isSilent: boolean
  /** The acts of its listeners, in the order of their calls */
  inside: Act[]
}

export const act: fc.Arbitrary<Act> = fc.letrec<{ act: Act }>(tie => ({
  act: fc.record({
    kind: fc.constantFrom<Act['kind'][]>('take', 'take', 'take', 'take', 'take', 'take', 'take', 'end', 'end', 'charge', 'charge', 'free', 'raise', 'silence', 'release', 'share', 'quit', 'demote', 'sever', 'turn'),
    which: fc.nat(1_000),
    peer: fc.nat(2),
    prefixes: fc.subarray(['a', 'b']),
    isScarce: fc.boolean(),
    dial: fc.nat(3),
    priority: fc.constantFrom(10, 50, 90, Infinity),
    isCharged: fc.boolean(),
    isSilent: fc.boolean(),
    inside: fc.oneof({ maxDepth: 3 }, fc.constant<Act[]>([]), fc.array(tie('act'), { maxLength: 3 }))
  })
})).act
