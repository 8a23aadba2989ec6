// The decisions whether an open connection answers a dial. existing.test.ts tests each row, and docs/internals/contract.md lists them

/** The open connections. Except in the last case, the node knows a direct address of the peer that the user configured */
export const OPEN = {
  direct: 'a direct connection, inbound or outbound',
  relayed: 'a relayed connection without limits',
  named: 'a relayed connection without limits; the caller names a direct address',
  limited: 'a limited connection; something better can connect',
  worst: 'a limited connection; nothing better connects'
} as const

export type Open = keyof typeof OPEN

/** The provenance option of the dial: absent, or satisfied by the address of the open connection, or not */
export const POLICIES = { none: 'none', passes: 'its address passes', fails: 'its address does not pass' } as const

export type Policy = keyof typeof POLICIES

export const ANSWERS = {
  open: 'the open connection. No dial is made',
  once: 'the open connection, immediately. Nothing is dialled',
  onward: 'the open connection, immediately. Nothing is dialled, unless the pipeline dials on for a better connection',
  last: 'the open connection, when no better one can come, after 5 s at the latest',
  dial: 'the connection that the dial makes. The open connection stays',
  none: 'the error of the dial. The open connection stays'
} as const

export interface Decision {
  readonly open: Open
  /** The values of `runOnLimitedConnection` */
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

/** Returns the table of open connections for docs/internals/contract.md */
export function decisionTable (): string {
  const limitsOf = ({ limits }: Decision): string => limits.length > 1 ? 'any' : limits[0] === true ? 'yes' : 'no'
  const policiesOf = ({ provenance }: Decision): string => provenance.length === 3 ? 'any' : provenance.map(one => POLICIES[one]).join(', or ')
  const rows = DECISIONS.map((row, i) => [i + 1, OPEN[row.open], limitsOf(row), policiesOf(row), row.force ? 'yes' : 'no', ANSWERS[row.answer]])

  return `| row | open | limits | provenance | force | result |
|---|---|---|---|---|---|
${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}
`
}

/** The sources of an open connection, with the titles of their tests in open-connections-policy.test.ts */
export const EVIDENCE: ReadonlyArray<readonly [connection: string, whose: string, title: string]> = [
  ['a connection of this dialer', 'the sources that named the address when it was dialled', 'an open connection keeps the sources of its address from when it was dialled, also after their reports are gone'],
  ['a connection of this dialer', 'and the sources that name the address now, including the caller', 'an open connection also has the sources that name its address now: a report, or the caller of the dial'],
  ['a connection that several dials share', 'the sources of each of these dials', 'a connection has the sources of each dial that shared its attempt'],
  ['an outbound connection that the dialer did not make', 'the sources that name the address now', 'an open connection that no dialer made has the sources that name its address now'],
  ['an inbound connection', '`observed`', 'an inbound connection has the source observed'],
  ['a connection to a relay, for a dial of a peer behind it', 'any source: it is not checked', 'a dial through a relay uses an open connection to the relay, whatever address it was dialled over']
]

export function evidenceTable (): string {
  return `| a connection | has as sources | test in [open-connections-policy.test.ts](../../test/dialer/dials/open-connections-policy.test.ts) |
|---|---|---|
${EVIDENCE.map(row => `| ${row.join(' | ')} |`).join('\n')}
`
}
