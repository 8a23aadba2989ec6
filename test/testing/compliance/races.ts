import { raceByHand } from './race-by-hand.ts'
import type { Case } from './case.ts'
import type { Flaw } from './race-by-hand.ts'

const FLAWS: Record<Flaw, readonly number[]> = {
  'remembers older lists': [1],
  'ends before its source': [3],
  'ends with an attempt in flight': [4],
  'ends on an older list': [4],
  clones: [5],
  bursts: [6],
  'waits for the pace with nothing in flight': [6],
  'goes from the back': [6],
  'stops what is withdrawn': [8],
  'keeps what waits': [8],
  'dials again': [8],
  'forgets the last': [4, 9],
  'swallows failures': [10],
  'fails with an attempt': [10],
  'yields addresses': [10],
  'waits on the platform\'s timer': [11],
  'ignores the signal': [12],
  'leaves attempts': [13],
  'starts what is worse': [13],
  'reads an option': [14]
}

/** A dial hardly works with these */
const GRAVE = new Set<string>(['dials again', 'forgets the last', 'fails with an attempt', 'yields addresses', 'ends with an attempt in flight', 'goes from the back', 'leaves attempts', 'ignores the signal'] satisfies Flaw[])

export const races: Case[] = [
  { name: 'a race written by hand', breaks: [], make: () => raceByHand() },
  ...Object.entries(FLAWS).map(([flaw, breaks]) => ({ name: `a race that ${flaw}`, breaks, andMore: GRAVE.has(flaw), make: () => raceByHand(flaw as Flaw) }))
]
