import { peerOf } from '../../pipeline/candidate.ts'
import { CircularDialError } from '../../pipeline/errors.ts'
import { SharedAttempt } from './shared-attempt.ts'
import { HeldConnections } from './connections.ts'
import { isDialMadeFor } from './nested.ts'
import type { OuterDial } from './nested.ts'
import type { AttemptHost } from './shared-attempt.ts'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Slots } from './slots.ts'
import type { Participant } from './participants.ts'
import type { Observing } from '../../metrics/observer.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { Connection, Logger } from '@libp2p/interface'

/** The attempts of a node. Dials that want the same address share one */
export class Attempts implements AttemptHost {
  readonly components: DialComponents
  readonly slots: Slots
  readonly held: HeldConnections
  readonly log: Logger
  readonly observer: Observing
  /** Returns the text that policies of the same filters and options have in common */
  readonly #policyKeyOf: (policy: DialPolicy) => string
  #own = 0
  /** The attempts that dials can join */
  readonly #running = new Map<string, SharedAttempt>()
  /** With those in whose place another can be joined */
  readonly #all = new Set<SharedAttempt>()

  constructor (components: DialComponents, slots: Slots, log: Logger, policyKeyOf: (policy: DialPolicy) => string, observer: Observing) {
    this.components = components
    this.slots = slots
    this.held = new HeldConnections(components.clock)
    this.log = log
    this.observer = observer
    this.#policyKeyOf = policyKeyOf
  }

  get size (): number {
    return this.#all.size
  }

  /**
   * Has a dial take part in the attempt of an address. Returns the attempt, for the dial to leave it
   *
   * @throws CircularDialError where the attempt waits for the dial
   */
  join (candidate: Candidate, participant: Participant): SharedAttempt {
    const key = this.#keyOf(candidate, participant)
    const running = this.#running.get(key)

    if (running?.isJoinable !== true || (running.isNesting && !this.#hasPolicy(running, participant))) {
      return this.#begin(key, candidate, participant)
    }

    if (isDialMadeFor(participant.dial, running)) {
      throw new CircularDialError(peerOf(candidate.multiaddr))
    }

    running.join(candidate, participant)

    return running
  }

  /** The priority of a dial was raised: its attempts that wait for a slot move forward */
  raise (dial: OuterDial): void {
    this.#ofDial(dial).forEach(attempt => { attempt.raise() })
  }

  /** The dial is made for another attempt, which holds the slots for both */
  charge (dial: OuterDial): void {
    this.#ofDial(dial).forEach(attempt => { attempt.charge() })
  }

  /**
   * Begins attempts anew that nothing has answered: the network is another than when they began. Not those of the peer that was
   * heard: the connection of a transport that encrypts by itself is announced before its dial returns
   */
  restart (heard?: string): void {
    // those that begin now are not among them
    Array.from(this.#all).filter(({ multiaddr }) => heard == null || peerOf(multiaddr) !== heard).forEach(attempt => { attempt.restart() })
  }

  /** Ends attempts whose address is banned by now */
  sever (): void {
    Array.from(this.#all).forEach(attempt => { attempt.sever() })
  }

  #ofDial (dial: OuterDial): SharedAttempt[] {
    return [...this.#all].filter(({ taker }) => taker.dials.includes(dial))
  }

  #hasPolicy (running: SharedAttempt, { policy }: Participant): boolean {
    const key = this.#policyKeyOf(policy)

    return running.policies.some(one => this.#policyKeyOf(one) === key)
  }

  onEnd (attempt: SharedAttempt, error: Error | undefined): void {
    const { key, multiaddr } = attempt
    this.#all.delete(attempt)

    if (this.#running.get(key) === attempt) {
      this.#running.delete(key)
    }

    // a logger that throws harms no dial
    try {
      if (error == null) {
        this.log('dial to %a succeeded', multiaddr)
      } else if (error.name === 'AbortError') {
        this.log('dial to %a cancelled - %s', multiaddr, error.message)
      } else {
        this.log.error('dial failed to %a - %e', multiaddr, error)
      }
    } catch {}
  }

  /** Attempts of the same key are one: who takes which part in the handshake makes it another connection */
  #keyOf ({ id }: Candidate, participant: Participant): string {
    const { transportOptions, ownTransportOptions } = participant
    const part = transportOptions.initiator === false ? 'responder' : 'initiator'
    // the dial of the relay is made for all who share the attempt: the loose ones would wait for what the strict ones allow
    const shared = `${id} ${part}${id.includes('/p2p-circuit') ? ` ${this.#policyKeyOf(participant.policy)}` : ''}`

    return ownTransportOptions == null ? shared : `${shared} ${++this.#own}`
  }

  /** One who was given the connection does not want it. The last of them closes it */
  discard (connection: Connection, dial: OuterDial): void {
    this.held.release(connection)

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
    // first, because a transport says at once what it does
    attempt.join(candidate, participant)
    attempt.begin()

    return attempt
  }
}
