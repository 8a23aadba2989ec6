import { InvalidParametersError, isPeerId } from '@libp2p/interface'
import { CODE_P2P, isMultiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../pipeline/candidate.ts'
import { checkOptions, checkValue } from '../../pipeline/check-options.ts'
import { PEER_ID } from '../../pipeline/option-kinds.ts'
import { errorSummary } from '../../trace/error-text.ts'
import { TRACE_OPTIONS } from '../../trace/text-lines.ts'
import { renderTrace } from '../../trace/text.ts'
import { safeText } from '../../pipeline/safe-text.ts'
import { dialOf } from './traced-dial.ts'
import type { DialRegister } from './dial-register.ts'
import type { TracedDial } from './traced-dial.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { DialRecord } from '../../trace/record.ts'
import type { RenderTraceInit } from '../../trace/text.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The subjects of `explain()` */
export type ExplainSubject = PeerId | Multiaddr | Connection | Error

/** Maximum characters of the subject in `words` */
const MAX_WORDS = 256

const PEER_OR_NOTHING: OptionKind = { expected: 'a peer id, or nothing for the dials of all', test: value => value === undefined || PEER_ID.test(value) }

const SUBJECT: OptionKind = {
  expected: 'a peer id, a multiaddr, a connection, an error, or nothing for the latest dial of all',
  // the reason with which a caller aborted a dial is a subject too, and may be any object
  test: value => isPeerId(value) || isMultiaddr(value) || isConnection(value) || value instanceof Error || dialOf(value as object) != null
}

/** Returns the traces of ended dials, then of running ones, newest last */
export function tracesOf ({ recent, running }: DialRegister, peerId?: PeerId): DialTrace[] {
  checkValue('traces()', peerId, PEER_OR_NOTHING, InvalidParametersError)
  const text = peerId?.toString()

  return [...recent, ...tracedIn(running)].filter(({ record: { peer } }) => text == null || peer === text).map(({ trace }) => trace)
}

/** Returns a dial as text. Finds it among the ended, queued and running ones, and by the error that it caused */
export function explainDial ({ recent, pending, running }: DialRegister, subject?: ExplainSubject, init: RenderTraceInit = {}): string {
  checkOptions('explain()', init, TRACE_OPTIONS, InvalidParametersError)
  // a dial may end later than another that was asked for after it
  const dials = [...recent, ...tracedIn(pending), ...tracedIn(running)].toSorted((a, b) => a.number - b.number)
  const { dial, words } = findDial(subject, dials)

  return dial == null ? `no dial${words == null ? '' : ` of ${words}`} is known` : renderTrace(dial.trace, init)
}

function tracedIn (dials: DialRegister['running']): TracedDial[] {
  return Array.from(dials, ({ traced }) => traced)
}

/**
 * Finds the latest dial of a peer or an address, or the dial that made a connection or an error. Also returns the subject in words
 *
 * @param dials newest last
 * @throws InvalidParametersError for a subject of another type
 */
function findDial (subject: ExplainSubject | undefined, dials: readonly TracedDial[]): { readonly dial?: TracedDial, readonly words?: string } {
  if (subject === undefined) {
    return { dial: dials.at(-1) }
  }

  checkValue('explain()', subject, SUBJECT, InvalidParametersError)
  const find = (isMeant: (record: DialRecord) => boolean): TracedDial | undefined => dials.findLast(({ record }) => isMeant(record))

  if (isPeerId(subject)) {
    const text = subject.toString()

    return { dial: find(({ peer }) => peer === text), words: text }
  }

  if (isMultiaddr(subject)) {
    return { dial: find(record => hasAddress(record, subject)), words: safeText(subject.toString(), MAX_WORDS) }
  }

  if (isConnection(subject)) {
    return { dial: find(record => hasMade(record, subject.id)), words: `the connection to ${safeText(subject.remoteAddr.toString(), MAX_WORDS)}` }
  }

  return { dial: dialOf(subject), words: `the error "${safeText(errorSummary(subject).message, MAX_WORDS)}"` }
}

function hasAddress ({ multiaddrs, addresses }: DialRecord, address: Multiaddr): boolean {
  const { id } = candidate(address)

  return multiaddrs.some(one => one.equals(address)) || addresses.some(one => one.candidate.id === id || one.candidate.multiaddr.decapsulateCode(CODE_P2P).equals(address))
}

function hasMade ({ connection, addresses }: DialRecord, id: string): boolean {
  return connection?.id === id || addresses.some(({ attempts }) => attempts.some(one => (one.connection?.id ?? one.connectionId) === id))
}

function isConnection (value: unknown): value is Connection {
  const { id, newStream, remoteAddr } = (value ?? {}) as Partial<Connection>

  return typeof id === 'string' && typeof newStream === 'function' && remoteAddr != null
}
