import { CLOSE_FAULTS } from './fake-connection.ts'
import { Random, hash } from './random.ts'
import type { CloseFault } from './fake-connection.ts'

/** The behaviour of the transport for an address. Times are in milliseconds */
export interface Behaviour {
  kind: 'connects' | 'refuses' | 'silent' | 'throws' | 'answers nonsense' | 'answers closed'
  /** The time until it connects, refuses or answers */
  after: number
  /** The number of failures before that behaviour */
  fails: number
  /** The time at which the handshake begins */
  firstResponse?: number
  /** Whether the transport ignores its signal */
  isDeaf: boolean
  fault?: CloseFault
  isLimited: boolean
  isWrongPeer: boolean
  /** The time after which the connection closes by itself */
  closes?: number
  /** The options that the transport passes on to the dial of a relay */
  passes: 'all' | 'signal' | 'nothing'
  /** The value that is thrown or returned */
  value: unknown
}

export const PROPER: Behaviour = { kind: 'connects', after: 10, fails: 0, isDeaf: false, isLimited: false, isWrongPeer: false, passes: 'all', value: undefined }

/** Returns the behaviour of an address in a case. It depends only on the seed and the address */
export function behaviourOf (seed: number, address: string): Behaviour {
  const random = new Random(hash(`${seed} ${address}`))
  const kind = random.weigh<Behaviour['kind']>([[10, 'connects'], [10, 'refuses'], [6, 'silent'], [2, 'throws'], [1, 'answers nonsense'], [1, 'answers closed']])
  const after = random.weigh([[3, 0], [6, random.between(1, 400)], [4, random.between(400, 5_000)], [2, random.between(5_000, 30_000)]])

  return {
    kind,
    after,
    fails: random.chance(0.1) ? random.between(1, 2) : 0,
    firstResponse: random.chance(0.3) ? random.between(0, after) : undefined,
    isDeaf: random.chance(0.15),
    fault: random.chance(0.15) ? random.pick(CLOSE_FAULTS) : undefined,
    isLimited: random.chance(0.05),
    isWrongPeer: random.chance(0.04),
    closes: random.chance(0.1) ? random.below(50) : undefined,
    passes: random.weigh([[6, 'all'], [3, 'signal'], [1, 'nothing']]),
    value: kind === 'throws' ? random.pick([new Error('threw at once'), 'text', undefined, null]) : random.pick([undefined, null, 'text', {}, 0])
  }
}
