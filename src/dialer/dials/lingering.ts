import { AbortError } from '@libp2p/interface'
import type { PendingDial } from './pending-dial.ts'
import type { Connection } from '@libp2p/interface'

// shared: creating an Error costs more than the rest of the end
const ENOUGH = new AbortError('The dial has its connection, and no longer waits for a better one')

/** Lingering dials, oldest first: their callers have a connection, and the dial goes on for a better one */
export class LingeringDials {
  /** Each dial, with a function that stops watching its connection */
  readonly #all = new Map<PendingDial, () => void>()
  #max: number

  constructor (max: number) {
    this.#max = max
  }

  get size (): number {
    return this.#all.size
  }

  /** Sets the maximum number of lingering dials. A lower one ends the oldest dials */
  set max (max: number) {
    this.#max = max
    this.end(max)
  }

  /**
   * Lets a dial linger until it has ended, or until its connection has closed and no other to the peer is open. Returns false when the
   * dial must end: it has no open connection, or another dial lingers for the same addresses
   */
  add (dial: PendingDial): boolean {
    const connection = dial.run?.findConnection()

    if (connection == null || this.#isCovered(dial)) {
      this.delete(dial)

      return false
    }

    this.#watch(dial, connection)
    this.end(this.#max)

    return this.#all.has(dial)
  }

  delete (dial: PendingDial): void {
    this.#all.get(dial)?.()
    this.#all.delete(dial)
  }

  /**
   * Ends dials, oldest first
   *
   * @param left number of dials that may linger on
   * @param spared a peer whose dials linger on in any case
   */
  end (left = 0, spared?: Connection['remotePeer']): void {
    for (const dial of this.#all.keys()) {
      if (this.#all.size > left && (spared == null || peerOf(dial) !== String(spared))) {
        this.#end(dial)
      }
    }
  }

  #watch (dial: PendingDial, connection: Connection): void {
    const onClose = (): void => {
      const other = dial.run?.findConnection()

      if (other == null) {
        this.#end(dial)
      } else {
        this.#watch(dial, other)
      }
    }

    connection.addEventListener('close', onClose, { once: true })
    this.#all.get(dial)?.()
    this.#all.set(dial, () => { connection.removeEventListener('close', onClose) })
  }

  #end (dial: PendingDial): void {
    this.delete(dial)
    dial.run?.end(ENOUGH)
  }

  /** Returns whether another dial to the peer, with the same policy, lingers for all addresses of this one */
  #isCovered (dial: PendingDial): boolean {
    return [...this.#all.keys()].some(other => other !== dial && other.joinKey === dial.joinKey && peerOf(other) === peerOf(dial) && hasAll(other, dial))
  }
}

function peerOf ({ run }: PendingDial): string {
  return String(run?.connection?.remotePeer)
}

function addressesOf ({ run }: PendingDial): string[] {
  return run?.target.current.multiaddrs.map(String) ?? []
}

function hasAll (other: PendingDial, dial: PendingDial): boolean {
  const covered = addressesOf(other)

  return addressesOf(dial).every(one => covered.includes(one))
}
