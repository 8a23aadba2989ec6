// when an open connection answers a dial: test/dialer/dials/existing.test.ts shows each row, and docs/contract.md has them

/** What is open. Of the peer a direct address is known too, which the user gave */
export const OPEN = {
  direct: 'a direct connection, whoever has made it',
  relayed: 'a relayed connection without limits',
  named: 'a relayed connection without limits, and the caller names a direct address',
  limited: 'a limited connection',
  worst: 'a limited connection, and nothing better connects'
} as const

export type Open = keyof typeof OPEN

/** The explicit policy of the dial: there is none, the address of what is open passes, or it does not */
export type Policy = 'none' | 'passes' | 'fails'

export const ANSWERS = {
  open: 'no dial: the open connection',
  dial: 'a dial: the connection that it makes',
  once: 'a dial: the open connection, at once',
  last: 'a dial: the open connection, when nothing better can come, after 5 s at the latest',
  none: 'a dial: an error'
} as const

export interface Decision {
  readonly open: Open
  /** `runOnLimitedConnection: true` */
  readonly limits: readonly boolean[]
  readonly provenance: readonly Policy[]
  readonly force: boolean
  readonly answer: keyof typeof ANSWERS
}

const ANY = [false, true]

export const DECISIONS: readonly Decision[] = [
  { open: 'direct', limits: ANY, provenance: ['none', 'passes'], force: false, answer: 'open' },
  { open: 'direct', limits: ANY, provenance: ['fails'], force: false, answer: 'dial' },
  { open: 'direct', limits: ANY, provenance: ['none', 'passes', 'fails'], force: true, answer: 'dial' },
  { open: 'relayed', limits: ANY, provenance: ['none', 'passes'], force: false, answer: 'open' },
  { open: 'relayed', limits: ANY, provenance: ['fails'], force: false, answer: 'dial' },
  { open: 'named', limits: ANY, provenance: ['none', 'passes'], force: false, answer: 'dial' },
  { open: 'limited', limits: [false], provenance: ['none', 'passes', 'fails'], force: false, answer: 'dial' },
  { open: 'limited', limits: [true], provenance: ['none', 'passes'], force: false, answer: 'once' },
  { open: 'limited', limits: [true], provenance: ['fails'], force: false, answer: 'dial' },
  { open: 'limited', limits: ANY, provenance: ['none', 'passes', 'fails'], force: true, answer: 'dial' },
  { open: 'worst', limits: [false], provenance: ['none', 'passes'], force: false, answer: 'last' },
  { open: 'worst', limits: [true], provenance: ['none', 'passes'], force: false, answer: 'once' },
  { open: 'worst', limits: ANY, provenance: ['fails'], force: false, answer: 'none' }
]

/** The title of the tests that show a row, for one of its policies */
export function titleOf ({ open, limits, force }: Decision, provenance: Policy): string {
  const options = [
    limits.length > 1 ? '' : limits[0] === true ? 'who accepts limits' : 'who accepts no limits',
    { none: '', passes: 'whose provenance its address passes', fails: 'whose provenance its address does not pass' }[provenance],
    force ? 'who forces the dial' : ''
  ].filter(text => text !== '').join(', and ')

  return `${OPEN[open]}, and a caller${options === '' ? '' : ` ${options}`}`
}
