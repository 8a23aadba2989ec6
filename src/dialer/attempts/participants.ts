import { SIGNALING } from '../../pipeline/runtime/dial-host.ts'
import type { Connection } from '@libp2p/interface'
import type { AttemptListener, DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate } from '../../pipeline/types.ts'
import type { OuterDial, TransportOptions } from './nested.ts'
import type { SlotTaker } from './ticket.ts'
import type { Speculation } from './speculation.ts'

/**
 * The dials that share one attempt. Each is told what happens, also what happened before it came. They stand for the attempt where slots
 * are counted: a connection that was given away keeps them, and not the attempt
 */
export class Participants implements Iterable<Participant>, SlotTaker {
  startedAt?: number
  firstResponseAt?: number
  isHeld = false
  hasSlot = false
  isInFlight = false
  connection?: Connection
  /** The attempt has ended for all of them */
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
  get policies (): DialPolicy[] { return Array.from(this.#all, ({ policy }) => policy) }

  /** Each once. Most attempts are of one */
  get dials (): readonly OuterDial[] {
    const dials = Array.from(this.#all, ({ dial }) => dial)

    return dials.length > 1 ? [...new Set(dials)] : dials
  }

  /** The highest of the dials. Undefined: none wants the attempt any more */
  get priority (): number | undefined {
    let highest: number | undefined

    for (const { dial: { priority } } of this.#all) {
      highest = highest == null || priority > highest ? priority : highest
    }

    return highest
  }

  /** Nothing was heard of the remote, nor of the relay that WebRTC is negotiated over */
  get isSilent (): boolean {
    return this.firstResponseAt == null && this.#marks?.has(SIGNALING) !== true
  }

  /** Adds one, and tells it what has happened before it came. Returns whether it stays: a listener may have it leave */
  join (one: Participant): boolean {
    this.#all.add(one)
    this.#replay(one)

    // last: the attempt may begin because of the dial
    if (this.#all.has(one)) {
      this.#speculation.join(this, one.dial)
    }

    return this.#all.has(one)
  }

  /** Returns whether it was there. It is told nothing more */
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

  /** The attempt waits for a turn of the event loop, and for no slot */
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

  progress (event: unknown, type: string, at: number, candidate: Candidate): void {
    this.#marks ??= new Map()
    this.#marks.set(type, at)
    this.#all.forEach(({ dial, listener }) => {
      listener.onMark(type, at)
      dial.progress(event, candidate)
    })
  }

  /** Returns whether every dial lets the attempt begin anew, and tells them if so */
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
    const tell = (fn: () => void): void => {
      if (this.#all.has(one)) {
        fn()
      }
    }

    if (this.startedAt != null) {
      tell(() => { one.onStart(this.startedAt as number) })
    }

    if (this.isHeld) {
      tell(() => { one.listener.onHeld() })
    }

    if (this.hasSlot) {
      tell(() => { one.listener.onSlot?.() })
    }

    if (this.firstResponseAt != null) {
      tell(() => { one.listener.onFirstResponse(this.firstResponseAt as number) })
    }

    this.#marks?.forEach((at, type) => { tell(() => { one.listener.onMark(type, at) }) })
  }

  /** Unless the dial takes part a second time */
  #quit (dial: OuterDial): void {
    if (!this.dials.includes(dial)) {
      this.#speculation.quit(this, dial)
    }
  }

  #settle (tell: (one: Participant) => void): void {
    this.isSettled = true

    for (const one of [...this.#all]) {
      // one that was told may have another leave
      if (this.#all.delete(one)) {
        tell(one)
      }
    }
  }
}

/** The part of one dial in an attempt that dials share. It is told what happens, in the same turn, until it leaves or the attempt ends */
export interface Participant {
  readonly dial: OuterDial
  readonly policy: DialPolicy
  /** Is told how the attempt goes on; of its start and its end, the participant itself */
  readonly listener: Omit<AttemptListener, 'onStart' | 'onConnected' | 'onFailed'>
  /** Beside what the dialer itself hands to the transport */
  readonly transportOptions: TransportOptions
  /** The same, of a layer around this attempt alone: it is not shared */
  readonly ownTransportOptions?: Readonly<Record<string, unknown>>
  /** Whether the dial has left the places of the address to others before */
  readonly hasLeftPlace: boolean
  /** Whether the attempt may begin anew, which has been silent for so many milliseconds */
  mayRestart (age: number): boolean
  /** The attempt begins anew in another network: it fails with RESTARTED */
  onRestart (): void
  /** The attempt leaves its places to others: it fails with PLACE_LEFT */
  onPlaceLeft (): void
  /** The attempt has its slots, and the transport begins */
  onStart (at: number): void
  onConnected (connection: Connection): void
  onFailed (error: Error): void
}
