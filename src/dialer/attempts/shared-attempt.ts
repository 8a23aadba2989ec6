import { traceAttempt } from '../../metrics/tracing.ts'
import { merge } from '../../pipeline/candidate.ts'
import { banErrorOf } from '../../pipeline/judgements.ts'
import { PREFIX_SLOTS_LEFT, RESTARTED } from '../../pipeline/runtime/dial-host.ts'
import { guardedPrefixes, prefixSlotTimeOf } from './prefix-slots.ts'
import { isConfigured } from '../../pipeline/trust.ts'
import { nesting } from './nested.ts'
import { UNWANTED, isTimeout } from './outcome.ts'
import { TransportDial } from './transport-dial.ts'
import type { AttemptMark, OuterAttempt } from './nested.ts'
import type { Participant } from './participants.ts'
import type { SlotTaker, Ticket, TicketInit } from './ticket.ts'
import type { AttemptHost, OwnTransportOptions } from './transport-dial.ts'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A transport dial that all dials of the address share. Ends when all of them have left, but never after it has won */
export class SharedAttempt extends TransportDial implements OuterAttempt, TicketInit {
  isNesting = false
  /** Dials with the same key share the attempt */
  readonly key: string
  readonly peer: string
  readonly dial: string
  readonly hasLeftPrefixSlots: boolean
  readonly prefixes: readonly string[]
  readonly #first: Participant
  readonly #mark: AttemptMark = { attempt: this }
  readonly #ticket: Ticket

  constructor (key: string, candidate: Candidate, first: Participant, host: AttemptHost) {
    super(candidate, host)
    this.key = key
    this.peer = candidate.facts.peer ?? candidate.id
    this.dial = first.dial.id
    this.hasLeftPrefixSlots = first.hasLeftPrefixSlots
    this.#first = first
    this.prefixes = prefixesOf(candidate, host.components, first.dial.isNested)
    this.#ticket = host.slots.take(this)
  }

  get taker (): SlotTaker { return this.participants }
  get prefixSlotTime (): number { return prefixSlotTimeOf(this.candidate, this.components) }
  get policies (): DialPolicy[] { return Array.from(this.participants, ({ policy }) => policy) }
  get multiaddr (): Multiaddr { return this.candidate.multiaddr }

  /** The highest priority of the dials. After the last dial has left: the priority of the first dial */
  get priority (): number { return this.participants.priority ?? this.#first.dial.priority }

  /** Whether a dial that joins now still gets the outcome */
  get isJoinable (): boolean { return !this.participants.isSettled && !this.isEnded }

  begin (): void {
    this.#ticket.begin()
  }

  /** Adds a dial, and replays the past events to it. When its candidate has a trusted source, the attempt needs no prefix slot any more */
  join (candidate: Candidate, one: Participant): void {
    const { dial } = one
    const isVouchedFor = this.prefixes.length > 0 && prefixesOf(candidate, this.components, dial.isNested).length === 0
    this.participants.isHeld &&= !isVouchedFor
    this.candidate = merge(this.candidate, candidate)

    if (this.participants.join(one)) {
      if (dial.isNested) {
        this.#ticket.charge()
      }

      if (isVouchedFor) {
        this.#ticket.free()
      }

      this.raisePriority()
    }
  }

  /** Removes a dial, which gets no more events. The attempt ends when the last dial has left */
  leave (one: Participant, reason: Error): void {
    const { connection } = this.participants

    if (!this.participants.leave(one)) {
      return
    }

    if (connection != null) {
      // another participant may make this one leave before this one gets the connection, which nobody would close then
      this.host.release(connection)
    } else if (this.participants.size === 0) {
      this.abandon(isTimeout(reason) ? reason : UNWANTED)
    }
  }

  raisePriority (): void {
    if (this.participants.startedAt == null) {
      this.#ticket.raisePriority(this.priority)
    }
  }

  /** Ends an attempt without a response, so that it begins again: the network that it was sent into is gone */
  restart (): void {
    const { startedAt } = this.participants

    if (startedAt != null && this.isSilent && !this.isRecorded && this.participants.restart(this.components.clock.now() - startedAt)) {
      this.#end(RESTARTED)
    }
  }

  sever (): void {
    const banned = this.isJoinable ? banErrorOf(this.candidate, this.components.bans) : undefined

    if (banned != null) {
      this.#end(banned)
    }
  }

  get mayLeavePrefixSlots (): boolean {
    // an attempt that has not begun has sent nothing, so it has not used its turn. Each dial leaves the prefix slots of an address once
    return this.isJoinable && this.isSilent && (this.participants.startedAt == null || ![...this.participants].some(({ hasLeftPrefixSlots }) => hasLeftPrefixSlots))
  }

  onHeld (): void {
    this.participants.hold()
  }

  onPrefixSlotsLeft (): void {
    for (const one of this.participants) {
      one.onPrefixSlotsLeft()
    }

    this.#end(PREFIX_SLOTS_LEFT)
  }

  onSlot (): void {
    this.participants.takeSlot()
  }

  onGranted (): void {
    // without participants nothing is dialled: the last one is leaving, its release has made this slot free, and the ticket ends in this turn
    if (this.participants.size > 0) {
      this.dialTransport()
    }
  }

  protected callTransport (own: OwnTransportOptions): Promise<Connection> {
    const { candidate, components: { metrics, transportManager } } = this
    const { transportOptions, ownTransportOptions } = this.#first
    // a new object, because transports write into it
    const options = nesting({ ...transportOptions, ...ownTransportOptions, ...own }, this.#mark)

    return options.trace == null || metrics == null
      ? transportManager.dial(candidate.multiaddr, options)
      : traceAttempt(metrics, { candidate, isCancelled: () => own.signal.reason?.name === 'AbortError' }, options, async traced => transportManager.dial(candidate.multiaddr, traced))
  }

  protected onFirstResponse (): void {
    this.#ticket.releasePrefixSlots()
  }

  protected onOver (error: Error | undefined): void {
    this.#mark.attempt = undefined
    this.#ticket.end()
    this.host.onEnd(this, error)
  }

  /** Fails all participants for a reason that says nothing of the address */
  #end (reason: Error): void {
    this.isRecorded = true
    this.participants.fail(reason)
    this.abandon(reason)
  }
}

/**
 * Returns the prefixes in which an attempt needs a prefix slot. Empty when a trusted source names the address, and for a relayed address:
 * the dial of its relay takes one. A peer's signature does not cover the addresses of its relay, so it does not count in a nested dial
 *
 * @param isNested whether the dial is made for another attempt
 */
export function prefixesOf (candidate: Candidate, components: DialComponents, isNested = false): string[] {
  const { facts, isCertified, provenance } = candidate
  const isTrusted = (isCertified && !isNested) || provenance.some(({ source }) => source === 'dialled' || isConfigured(source, components.addressBook?.trust))

  return isTrusted || facts.isRelayed ? [] : guardedPrefixes(candidate, components)
}
