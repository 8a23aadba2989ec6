// when an open connection answers a dial: test/dialer/dials/existing.test.ts shows each row, and docs/internals/contract.md has them

/** What is open. A direct address of the peer is known, which the user gave, but for the last */
export const OPEN = {
  direct: 'a direct connection, whoever has made it',
  relayed: 'a relayed connection without limits',
  named: 'a relayed connection without limits; the caller names a direct address',
  limited: 'a limited connection; something better can connect',
  worst: 'a limited connection; nothing better connects'
} as const

export type Open = keyof typeof OPEN

/** The explicit policy of the dial: there is none, the address of what is open passes, or it does not */
export const POLICIES = { none: 'none', passes: 'its address passes', fails: 'its address does not pass' } as const

export type Policy = keyof typeof POLICIES

export const ANSWERS = {
  open: 'the open connection. No dial is made',
  once: 'the open connection, at once. Nothing is dialled',
  onward: 'the open connection, at once. Nothing is dialled, unless the pipeline goes on for a better connection',
  last: 'the open connection, when nothing better can come, after 5 s at the latest',
  dial: 'what the dial connects to. The open connection stays',
  none: 'the error of the dial. The open connection stays'
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
  { open: 'limited', limits: [true], provenance: ['none', 'passes'], force: false, answer: 'onward' },
  { open: 'limited', limits: [true], provenance: ['fails'], force: false, answer: 'dial' },
  { open: 'limited', limits: ANY, provenance: ['none', 'passes', 'fails'], force: true, answer: 'dial' },
  { open: 'worst', limits: [false], provenance: ['none', 'passes'], force: false, answer: 'last' },
  { open: 'worst', limits: [true], provenance: ['none', 'passes'], force: false, answer: 'once' },
  { open: 'worst', limits: ANY, provenance: ['fails'], force: false, answer: 'none' }
]

/** The table of docs/internals/contract.md */
export function decisionTable (): string {
  const limitsOf = ({ limits }: Decision): string => limits.length > 1 ? 'any' : limits[0] === true ? 'yes' : 'no'
  const policiesOf = ({ provenance }: Decision): string => provenance.length === 3 ? 'any' : provenance.map(one => POLICIES[one]).join(', or ')
  const rows = DECISIONS.map((row, i) => [i + 1, OPEN[row.open], limitsOf(row), policiesOf(row), row.force ? 'yes' : 'no', ANSWERS[row.answer]])

  return `| row | open | limits | provenance | force | what the caller is given |
|---|---|---|---|---|---|
${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}
`
}

/** Whose word counts for the address of a connection, and the titles of the tests in existing-policy.test.ts that show it */
export const EVIDENCE: ReadonlyArray<readonly [connection: string, whose: string, title: string]> = [
  ['one that the dialer has made', 'whoever named the address when it was dialled', 'an open connection counts for whoever named its address when it was dialled, also after that report is gone'],
  ['the same', 'whoever names the address now, the caller of the dial included', 'an open connection counts for whoever names its address now: a report, or the caller of the dial'],
  ['one that several dials share', 'the same, of each of them', 'a connection counts for the callers of each dial that shared its attempt'],
  ['one that something else has dialled', 'whoever names the address now', 'an open connection that no dialer has made counts for whoever names its address now'],
  ['one that the peer has made', '`observed`', 'a connection that the peer has made counts as observed'],
  ['one to a relay, for a dial of a peer behind it', 'nobody is asked', 'an open connection to a relay is used, whatever address it was dialled over']
]

export function evidenceTable (): string {
  return `| a connection | counts for | test in [existing-policy.test.ts](../../test/dialer/dials/existing-policy.test.ts) |
|---|---|---|
${EVIDENCE.map(row => `| ${row.join(' | ')} |`).join('\n')}
`
}
