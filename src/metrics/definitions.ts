/** The buckets of histograms, in seconds: go-libp2p's (p2p/net/swarm/swarm_metrics.go), extended to the longest dials */
const SECONDS = [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 10]

interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Absent for a metric without labels */
  readonly label?: string
  readonly buckets?: number[]
}

const PREFIX = 'libp2p_dial_pipeline_'

export const METRICS = {
  dials_total: { kind: 'counter', label: 'outcome', help: 'Dials that have ended: connected, failed, timeout, aborted' },
  connect_seconds: { kind: 'histogram', label: 'transport', buckets: SECONDS, help: 'Time from the start of a dial to its connection, by the transport that won' },
  dial_attempts_total: { kind: 'counter', label: 'attempts', help: 'Dials, by how many attempts they have made: 0 to 5, >=6' },
  attempts_total: { kind: 'counter', label: 'outcome', help: 'Attempts that have ended: connected, cancelled because another won, or what they failed with' },
  transport_attempts_total: { kind: 'counter', label: 'transport_outcome', help: 'Attempts by transport and outcome: tcp connected, tcp failed, tcp cancelled' },
  attempt_seconds: { kind: 'histogram', label: 'transport', buckets: SECONDS, help: 'Time from the start of an attempt to its connection' },
  attempt_delay_seconds: { kind: 'histogram', label: 'transport', buckets: [0, ...SECONDS], help: 'Time from the start of a dial to the start of an attempt' },
  addresses_dropped_total: { kind: 'counter', label: 'stage_reason', help: 'Addresses that were dropped, by stage and reason' },
  predicted_attempts_total: { kind: 'counter', label: 'probability', help: 'Attempts that connected or failed, by the probability that was predicted' },
  predicted_connections_total: { kind: 'counter', label: 'probability', help: 'Attempts that connected, by the probability that was predicted' },
  preferred_changes_total: { kind: 'counter', help: 'Moves of the new streams of a peer to a better connection' },
  additional_connections_total: { kind: 'counter', help: 'Better connections that came after the callers had theirs' },
  dials: { kind: 'gauge', label: 'state', help: 'Dials now: running, waiting for their turn, lingering for a better connection' },
  slots: { kind: 'gauge', label: 'state', help: 'Slots for attempts: used, limit, and how many attempts are waiting' },
  path_state: { kind: 'gauge', label: 'path', help: 'State of the paths UDP and IPv6: 1 their addresses are tried, 2 nothing comes through' },
  path_success_ratio: { kind: 'gauge', label: 'path', help: 'Share of networks that have answered lately over UDP or IPv6: 0 to 1' },
  backoff_addresses: { kind: 'gauge', help: 'Addresses that failed when they were tried last, since there was a connection to their peer' },
  address_book: { kind: 'gauge', label: 'kind', help: 'Entries of the address book: peers, addresses, pins' },
  bans: { kind: 'gauge', help: 'Active bans' }
} as const satisfies Record<string, Definition>

export type MetricName = keyof typeof METRICS

export function scrapedName (name: MetricName): string {
  return `${PREFIX}${name}`
}
