import { SIGNALING } from '../../pipeline/runtime/dial-host.ts'
import type { Connection } from '@libp2p/interface'
import type { AttemptListener, DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { OuterDial, TransportOptions } from './nested.ts'
import type { SlotTaker } from './ticket.ts'
import type { Speculation } from './gates.ts'

/**
 * The dials that share one attempt. A dial that joins late gets the past events too. Slots are counted for this object and not for the
 * attempt: a connection in use keeps this object alive, but not the attempt
 */
export class Participants implements Iterable<Participant>, SlotTaker {
  startedAt?: number
  firstResponseAt?: number
  isHeld = false
  hasSlot = false
  isInFlight = false
  connection?: Connection
  /** Whether the attempt has ended for all participants */
  isSettled = false
  readonly #all = new Set<Participant>()
  readonly #speculation: Pick<Speculation, 'join' | 'quit'>
  #marks?: Map<string, number>

  constructor (speculation: Pick<Speculation, 'join' | 'quit'>) {
    this.#speculation = speculation
  }

  [Symbol.iterator] (): Iterator<Participant> {
    return this.#all.values()
  }

  get size (): number { return this.#all.size }

  /** The dials without duplicates. Most attempts have one */
  get dials (): readonly OuterDial[] {
    const dials = Array.from(this.#all, ({ dial }) => dial)

    return dials.length > 1 ? [...new Set(dials)] : dials
  }

  /** The highest priority of the dials. Undefined after the last has left */
  get priority (): number | undefined {
    let highest: number | undefined

    for (const { dial: { priority } } of this.#all) {
      highest = highest == null || priority > highest ? priority : highest
    }

    return highest
  }

  /** Whether neither the remote has responded, nor the relay over which WebRTC is negotiated */
  get isSilent (): boolean {
    return this.firstResponseAt == null && this.#marks?.has(SIGNALING) !== true
  }

  /** Adds a participant, and replays the past events to it. Returns false when one of its listeners made it leave */
  join (one: Participant): boolean {
    this.#all.add(one)
    this.#replay(one)

    // counted after the replay, because that may begin the attempt
    if (this.#all.has(one)) {
      this.#speculation.join(this, one.dial)
    }

    return this.#all.has(one)
  }

  /** Removes a participant, which gets no more events. Returns whether it was there */
  leave (one: Participant): boolean {
    const wasThere = this.#all.delete(one)

    if (wasThere) {
      this.#quit(one.dial)
    }

    return wasThere
  }

  hold (): void {
    this.isHeld = true
    this.#all.forEach(({ listener }) => { listener.onHeld() })
  }

  takeSlot (): void {
    this.hasSlot = true
    this.#all.forEach(({ listener }) => { listener.onSlot?.() })
  }

  start (at: number): void {
    this.isHeld = false
    this.startedAt = at
    this.#all.forEach(one => { one.onStart(at) })
  }

  respond (at: number): void {
    this.firstResponseAt = at
    this.#all.forEach(({ listener }) => { listener.onFirstResponse(at) })
  }

  /** @param type the type of the event. Undefined when it is about another attempt: see `ownTypeOf()` */
  progress (event: unknown, type: string | undefined, at: number, candidate: Candidate): void {
    if (type != null) {
      this.#marks ??= new Map()
      this.#marks.set(type, at)
    }

    this.#all.forEach(({ dial, listener }) => {
      if (type != null) {
        listener.onMark(type, at)
      }

      dial.progress(event, candidate)
    })
  }

  /** Announces a restart of the attempt, if every participant allows it. Returns whether they do */
  restart (age: number): boolean {
    const mayRestart = [...this.#all].every(one => one.mayRestart(age))

    if (mayRestart) {
      this.#all.forEach(one => { one.onRestart() })
    }

    return mayRestart
  }

  connect (connection: Connection): void {
    this.connection = connection
    this.#settle(one => { one.onConnected(connection) })
  }

  fail (error: Error): void {
    const { dials } = this
    this.#settle(one => { one.onFailed(error) })
    dials.forEach(dial => { this.#quit(dial) })
  }

  #replay (one: Participant): void {
    const notify = (fn: () => void): void => {
      if (this.#all.has(one)) {
        fn()
      }
    }

    if (this.startedAt != null) {
      notify(() => { one.onStart(this.startedAt as number) })
    }

    if (this.isHeld) {
      notify(() => { one.listener.onHeld() })
    }

    if (this.hasSlot) {
      notify(() => { one.listener.onSlot?.() })
    }

    if (this.firstResponseAt != null) {
      notify(() => { one.listener.onFirstResponse(this.firstResponseAt as number) })
    }

    this.#marks?.forEach((at, type) => { notify(() => { one.listener.onMark(type, at) }) })
  }

  /** Stops counting the attempt for a dial, unless the dial has another participant here */
  #quit (dial: OuterDial): void {
    if (!this.dials.includes(dial)) {
      this.#speculation.quit(this, dial)
    }
  }

  #settle (notify: (one: Participant) => void): void {
    this.isSettled = true

    for (const one of [...this.#all]) {
      // the listener of one participant may make another leave
      if (this.#all.delete(one)) {
        notify(one)
      }
    }
  }
}

/** The part of one dial in a shared attempt. Gets the events synchronously, until it leaves or the attempt ends */
export interface Participant {
  readonly dial: OuterDial
  readonly policy: DialPolicy
  /** Gets the progress of the attempt. The participant itself gets the start and the end */
  readonly listener: Omit<AttemptListener, 'onStart' | 'onConnected' | 'onFailed'>
  /** The caller's options that reach the transport */
  readonly transportOptions: TransportOptions
  /** Transport options that a layer gives this attempt alone. Such an attempt is not shared */
  readonly ownTransportOptions?: Readonly<Record<string, unknown>>
  /** Whether the dial has left the prefix slots of the address to other attempts before */
  readonly hasLeftPrefixSlots: boolean
  /** Returns whether the attempt may restart after `age` milliseconds without a response */
  mayRestart (age: number): boolean
  /** Called when the attempt restarts in another network. The attempt then fails with RESTARTED */
  onRestart (): void
  /** Called when the attempt leaves its prefix slots to others. The attempt then fails with PREFIX_SLOTS_LEFT */
  onPrefixSlotsLeft (): void
  /** Called when the attempt has its slots and the transport begins */
  onStart (at: number): void
  onConnected (connection: Connection): void
  onFailed (error: Error): void
}
