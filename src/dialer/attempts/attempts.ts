import { peerOf } from '../../pipeline/candidate.ts'
import { CircularDialError } from '../../pipeline/errors.ts'
import { SharedAttempt } from './shared-attempt.ts'
import { closeGently } from './close-connections.ts'
import { isDialMadeFor } from './nested.ts'
import type { OuterDial } from './nested.ts'
import type { AttemptHost } from './transport-dial.ts'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Slots } from './slots.ts'
import type { Participant } from './participants.ts'
import type { Observing } from '../../metrics/observer.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** The attempts of a node. Dials that want the same address share one attempt */
export class Attempts implements AttemptHost {
  readonly components: DialComponents
  readonly slots: Slots
  readonly log: Logger
  readonly observer: Observing
  readonly #policyKeyOf: (policy: DialPolicy) => string
  #own = 0
  /** Attempts in flight that dials can join, by key */
  readonly #running = new Map<string, SharedAttempt>()
  /** Every attempt in flight, including those that a newer attempt has replaced in `#running` */
  readonly #all = new Set<SharedAttempt>()
  /** Number of dials that hold each connection: a transport may yield one connection to two attempts. A caller's connection is never released */
  readonly #holders = new WeakMap<Connection, number>()

  constructor (components: DialComponents, slots: Slots, log: Logger, policyKeyOf: (policy: DialPolicy) => string, observer: Observing) {
    this.components = components
    this.slots = slots
    this.log = log
    this.observer = observer
    this.#policyKeyOf = policyKeyOf
  }

  get size (): number {
    return this.#all.size
  }

  /**
   * Adds a dial to the attempt of an address, and begins the attempt if there is none
   *
   * @throws CircularDialError when the attempt waits for the dial
   */
  join (candidate: Candidate, participant: Participant): SharedAttempt {
    const key = this.#keyOf(candidate, participant)
    const running = this.#running.get(key)

    // its nested dials have inherited the policies so far
    const isClosed = running?.isNesting === true && !running.policies.some(one => this.#policyKeyOf(one) === this.#policyKeyOf(participant.policy))

    if (running?.isJoinable !== true || isClosed) {
      return this.#begin(key, candidate, participant)
    }

    if (isDialMadeFor(participant.dial, running)) {
      throw new CircularDialError(peerOf(candidate.multiaddr))
    }

    running.join(candidate, participant)

    return running
  }

  /** Raises the priority of a dial's waiting attempts to the raised priority of the dial */
  raisePriority (dial: OuterDial): void {
    for (const attempt of this.#all) {
      if (attempt.dials.includes(dial)) {
        attempt.raisePriority()
      }
    }
  }

  /**
   * Restarts attempts without a response, because the network has changed since they began
   *
   * @param heard the peer whose connection revealed the change. Its attempts are kept: a transport that encrypts by itself announces a
   * connection before its dial resolves
   */
  restart (heard?: string): void {
    // iterates over a copy, because a restart begins new attempts
    Array.from(this.#all).filter(({ multiaddr }) => heard == null || peerOf(multiaddr) !== heard).forEach(attempt => { attempt.restart() })
  }

  /** Ends the attempts whose address has been banned */
  sever (): void {
    Array.from(this.#all).forEach(attempt => { attempt.sever() })
  }

  onEnd (attempt: SharedAttempt, error: Error | undefined): void {
    const { key, multiaddr } = attempt
    this.#all.delete(attempt)

    if (this.#running.get(key) === attempt) {
      this.#running.delete(key)
    }

    if (error == null) {
      this.log('dial to %a succeeded', multiaddr)
    } else if (error.name === 'AbortError') {
      this.log('dial to %a cancelled - %s', multiaddr, error.message)
    } else {
      this.log.error('dial failed to %a - %e', multiaddr, error)
    }
  }

  /** Returns the key by which dials share an attempt. It includes the role in the handshake: another role makes another connection */
  #keyOf ({ id }: Candidate, participant: Participant): string {
    const { transportOptions, ownTransportOptions } = participant
    const part = transportOptions.initiator === false ? 'responder' : 'initiator'
    // the policy is part of a relayed address's key: its nested dial inherits the filters, so dials with another policy cannot share it
    const shared = `${id} ${part}${id.includes('/p2p-circuit') ? ` ${this.#policyKeyOf(participant.policy)}` : ''}`

    return ownTransportOptions == null ? shared : `${shared} ${++this.#own}`
  }

  hold (connection: Connection, count: number): void {
    if (count === 0) {
      this.close(connection)
    } else {
      this.#holders.set(connection, count + (this.#holders.get(connection) ?? 0))
    }
  }

  release (connection: Connection): void {
    const count = this.#holders.get(connection)

    if (count === 1) {
      this.#holders.delete(connection)
      this.close(connection)
    } else if (count != null) {
      this.#holders.set(connection, count - 1)
    }
  }

  close (connection: Connection): void {
    if (!this.#holders.has(connection)) {
      void closeGently(connection, this.components.clock)
    }
  }

  /** Releases a connection that a dial does not want */
  discard (connection: Connection, dial: OuterDial): void {
    this.release(connection)

    for (const taker of dial.attempts) {
      if (taker.connection === connection && !taker.dials.includes(dial)) {
        this.slots.speculation.quit(taker, dial)
      }
    }
  }

  #begin (key: string, candidate: Candidate, participant: Participant): SharedAttempt {
    const attempt = new SharedAttempt(key, candidate, participant, this)
    this.#running.set(key, attempt)
    this.#all.add(attempt)
    // the participant joins first, because a transport may report progress synchronously
    attempt.join(candidate, participant)
    attempt.begin()

    return attempt
  }
}
