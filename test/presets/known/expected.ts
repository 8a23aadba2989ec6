import type { Combination } from './combinations.ts'

export type Expectation = 'returns the open connection' | 'connects' | 'dials nothing'

interface Rule {
  readonly says: string
  readonly isFor: (combination: Combination) => boolean
  readonly expects: Expectation
}

/** The expectations of a user. The first rule that matches a combination applies */
export const RULES: readonly Rule[] = [
  {
    says: 'an open connection is an answer, whatever address it was dialled over',
    isFor: ({ state }) => state === 'connected',
    expects: 'returns the open connection'
  },
  {
    says: 'publicOnly() dials no private address, whoever gave or signed it',
    isFor: ({ preset, isPublic }) => preset === 'publicOnly' && !isPublic,
    expects: 'dials nothing'
  },
  {
    says: 'certifiedOnly() dials no address that the peer has not signed',
    isFor: ({ preset, isSigned }) => preset === 'certifiedOnly' && !isSigned,
    expects: 'dials nothing'
  },
  {
    says: 'an address that the node was told is dialled, and is not forgotten after a connection, a crash or a restart',
    isFor: () => true,
    expects: 'connects'
  }
]

export function expectationOf (combination: Combination): Expectation {
  return RULES.find(({ isFor }) => isFor(combination))?.expects ?? 'connects'
}
