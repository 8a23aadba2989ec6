import type { Candidate, Flight } from '../pipeline/types.ts'

/** Milliseconds that a host has to answer before another port of it is tried: the first one may be filtered. Round trips are shorter */
const SILENT = 500

/** As `SILENT`, on this machine, where only the event loops take time */
const SILENT_HERE = 250

/** Milliseconds that a handshake may take, from the first response, before another port of the host is tried */
const HANDSHAKE = 2_000

/**
 * When an address may start, for the sake of its host. libp2p listeners count the TCP connections of one host: with their default limits they reset the sixth in a
 * second from one IP address, and behind a NAT that is shared with others. While a TCP connection to a host is being made, the next
 * starts when the first has failed, or was silent for 500 ms (250 ms on this machine), or has not completed its handshake in 2 s. Each
 * that has outlived that time halves it for the next. Addresses of other hosts, and those over UDP, are not held.
 */
export function releasesOf (inFlight: readonly Flight[]): (candidate: Candidate) => number {
  // without asking each for its hosts
  if (inFlight.length === 0) {
    return () => -Infinity
  }

  const releases = new Map<string, number>()
  const counts = new Map<string, number>()

  for (const { candidate, startedAt, firstResponseAt } of inFlight.length > 1 ? inFlight.toSorted((a, b) => a.startedAt - b.startedAt) : inFlight) {
    const silent = candidate.facts.isLoopback ? SILENT_HERE : SILENT

    for (const host of candidate.facts.tcpHosts) {
      const count = counts.get(host) ?? 0
      const release = firstResponseAt == null ? startedAt + silent / 2 ** count : firstResponseAt + HANDSHAKE / 2 ** count
      releases.set(host, Math.max(releases.get(host) ?? -Infinity, release))
      counts.set(host, count + 1)
    }
  }

  return candidate => candidate.facts.tcpHosts.reduce((release, host) => Math.max(release, releases.get(host) ?? -Infinity), -Infinity)
}
