import { AbortError } from '@libp2p/interface'
import type { Dialing } from './dialing.ts'
import type { Connection } from '@libp2p/interface'

// shared: creating an Error costs more than the rest
const ENOUGH = new AbortError('The dial has its connection, and goes on for a better one no longer')

/** The dials that go on for a better connection after their callers have one, the oldest first */
export class LingeringDials {
  /** With what stops to watch the connection that each has given */
  readonly #all = new Map<Dialing, () => void>()
  #max: number

  /** @param max how many go on at once */
  constructor (max: number) {
    this.#max = max
  }

  get size (): number {
    return this.#all.size
  }

  /** How many go on at once. The oldest end where it becomes fewer */
  set max (max: number) {
    this.#max = max
    this.end(max)
  }

  /**
   * Lets a dial go on that has given a connection, until it has ended, or that connection closes and no other to the peer takes its place.
   * Returns false where it may not: none is open, or another dial goes on for the same
   */
  add (dial: Dialing): boolean {
    const connection = dial.run?.findConnection()

    if (connection == null || this.#isCovered(dial)) {
      return false
    }

    this.#watch(dial, connection)
    this.end(this.#max)

    return this.#all.has(dial)
  }

  /** The dial has ended */
  delete (dial: Dialing): void {
    this.#all.get(dial)?.()
    this.#all.delete(dial)
  }

  /**
   * Ends dials, the oldest first
   *
   * @param left how many may go on
   * @param spared the peer whose dials go on in any case
   */
  end (left = 0, spared?: Connection['remotePeer']): void {
    for (const dial of this.#all.keys()) {
      if (this.#all.size > left && (spared == null || peerOf(dial) !== String(spared))) {
        this.#end(dial)
      }
    }
  }

  #watch (dial: Dialing, connection: Connection): void {
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

  #end (dial: Dialing): void {
    this.delete(dial)
    dial.run?.end(ENOUGH)
  }

  /** Whether another dial of the peer, with the same policy, goes on for all addresses that this one was given */
  #isCovered (dial: Dialing): boolean {
    return [...this.#all.keys()].some(other => other !== dial && other.joinKey === dial.joinKey && peerOf(other) === peerOf(dial) && hasAll(other, dial))
  }
}

function peerOf ({ run }: Dialing): string {
  return String(run?.connection?.remotePeer)
}

function hasAll (other: Dialing, dial: Dialing): boolean {
  const [its, wanted] = [other, dial].map(({ run }) => run?.target.current.multiaddrs.map(String) ?? [])

  return wanted?.every(one => its?.includes(one)) === true
}
