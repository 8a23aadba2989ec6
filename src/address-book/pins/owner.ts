import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { addressText, isStorable } from '../address-text.ts'
import { isOversized, MAX_ADDRESS_BYTES } from '../../pipeline/candidate.ts'
import { checkOptions, checkValue } from '../../pipeline/check-options.ts'
import { PEER_ID, POSITIVE_MILLISECONDS } from '../../pipeline/option-kinds.ts'
import { LEVEL } from '../levels.ts'
import { MAX_ADDRESSES } from '../limits.ts'
import { PIN } from '../option-kinds.ts'
import { OwnedPins } from './owned-pins.ts'
import { PinQuotaExceededError } from './pin.ts'
import { PinEntry } from './pin-entry.ts'
import type { Pin } from './pin.ts'
import type { Entries } from '../entries.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { PinQuotas, PinInit } from '../types.ts'

const HOUR = 3_600_000

/** A part of a program that pins addresses. It cannot use the quota of another owner, nor release its pins */
export class PinOwner {
  readonly name: string
  readonly #entries: Entries
  readonly #quotas: Required<Omit<PinQuotas, 'evict'>> & Pick<PinQuotas, 'evict'>
  readonly #pins = new OwnedPins()

  /** Called by `AddressBook.owner()`, with the quotas from the node's init */
  constructor (name: string, entries: Entries, { maxPeers = 256, maxAddresses = 1_024, maxTtl = 24 * HOUR, evict }: PinQuotas) {
    this.name = name
    this.#entries = entries
    this.#quotas = { maxPeers, maxAddresses, maxTtl, evict }
  }

  /** The current number of this owner's pins, and of the peers and addresses that they keep */
  get usage (): { readonly pins: number, readonly peers: number, readonly addresses: number } {
    this.#endExpired()

    return { pins: this.#pins.size, peers: this.#pins.peers, addresses: this.#pins.addresses }
  }

  /**
   * Keeps addresses of a peer from expiring, including addresses that the book does not know yet.
   *
   * ```ts
   * using pin = node.services.addressBook.owner('payments').pin(peer, { ttl: 3_600_000 })
   * ```
   *
   * @throws PinQuotaExceededError if the quota of the owner or of all pins is exhausted, or the peer has no room for the addresses
   * @throws InvalidParametersError for an unknown or wrong option, a `ttl` above the owner's maximum, an address of another peer or above 1,024 bytes,
   * and a peer whose id is a URL
   * @throws the reason of the signal if it has aborted. A later abort releases the pin
   */
  pin (peer: PeerId, init: PinInit = {}): Pin {
    checkValue('pin()', peer, PEER_ID, InvalidParametersError)
    checkOptions('pin()', init, PIN, InvalidParametersError)
    const { addresses, ttl = HOUR, signal } = init
    signal?.throwIfAborted()
    this.#checkTtl(ttl)

    if (!isStorable(peer)) {
      throw new InvalidParametersError(`Cannot pin ${peer.toString().slice(0, 64)}: its id is not made of a key`)
    }

    const id = peer.toString()
    const texts = addresses == null ? undefined : new Set(addresses.map(address => textOf(address, peer)))
    const known = this.#entries.current(id)?.addresses.length ?? 0
    const size = texts?.size ?? Math.max(1, known)

    if (size === 0) {
      throw new InvalidParametersError('a pin of no addresses')
    }

    this.#makeRoom(id, size)
    // a listener to what has expired, or was revoked, may have aborted it
    signal?.throwIfAborted()

    const controller = new AbortController()
    const release = (): void => { this.#giveUp(id, entry, 'released') }
    const entry = new PinEntry({ owner: this.name, addresses: texts, ...this.#timeOf(id, ttl) }, state => {
      signal?.removeEventListener('abort', release)
      this.#pins.remove(entry)

      if (state === 'revoked') {
        controller.abort(new AbortError(`the pin of ${this.name} was revoked`))
      }
    })

    // counted before it is added: a listener may make or end pins meanwhile
    this.#pins.add(entry, { id, size })
    signal?.addEventListener('abort', release, { once: true })

    if (!this.#add(id, entry)) {
      entry.end('released')
      throw new PinQuotaExceededError(`${this.name} cannot pin ${size} addresses of ${id}: the book has no room for that`)
    }

    return this.#handle(entry, { peer, ttl, signal: controller.signal, release })
  }

  /** Returns what the caller of `pin()` may do with the pin */
  #handle (entry: PinEntry, { peer, ttl: defaultTtl, signal, release }: Pick<Pin, 'peer' | 'signal' | 'release'> & { ttl: number }): Pin {
    const entries = this.#entries
    const id = peer.toString()
    const pin: Pin = {
      owner: this.name,
      peer,
      signal,
      get state () {
        // removes the pin if it has expired
        entries.current(id)

        return entry.state
      },
      get expires () { return entry.expires },
      renew: (ttl = defaultTtl) => {
        if (pin.state === 'held') {
          checkValue('renew()', ttl, POSITIVE_MILLISECONDS, InvalidParametersError)
          this.#checkTtl(ttl)
          Object.assign(entry, this.#timeOf(id, ttl))
          this.#settle(id)
        }

        return pin.state === 'held'
      },
      release,
      [Symbol.dispose]: release
    }

    return pin
  }

  #checkTtl (ttl: number): void {
    if (ttl > this.#quotas.maxTtl) {
      throw new InvalidParametersError(`${this.name} may not pin for ${ttl} ms: ${this.#quotas.maxTtl} at most`)
    }
  }

  /** Returns the expiry of a pin. While the peer is connected there is none: the TTL begins when the last connection closes */
  #timeOf (id: string, ttl: number): Pick<PinEntry, 'expires' | 'fromDisconnect'> {
    return this.#entries.used(id) != null
      ? { expires: Infinity, fromDisconnect: ttl }
      : { expires: this.#entries.now + ttl, fromDisconnect: undefined }
  }

  #makeRoom (id: string, size: number): void {
    const { maxPeers, maxAddresses, evict } = this.#quotas
    const isOver = (): boolean => this.#pins.addresses + size > maxAddresses || (this.#pins.peers >= maxPeers && !this.#pins.hasPeer(id))

    if (isOver()) {
      this.#endExpired()
    }

    if (size <= maxAddresses && evict === 'oldest') {
      for (const [entry, cost] of isOver() ? this.#pins.entries : []) {
        if (!isOver()) {
          break
        }

        this.#giveUp(cost.id, entry, 'revoked')
      }
    }

    if (isOver()) {
      throw new PinQuotaExceededError(`${this.name} pins ${this.#pins.addresses} addresses of ${this.#pins.peers} peers already, of ${maxAddresses} and ${maxPeers} that it may`)
    }
  }

  #endExpired (): void {
    for (const [{ expires }, { id }] of this.#pins.entries) {
      if (expires <= this.#entries.now) {
        this.#entries.current(id)
      }
    }
  }

  /** Ends a pin, unless it has ended */
  #giveUp (id: string, entry: PinEntry, state: 'released' | 'revoked'): void {
    if (entry.state === 'held') {
      entry.end(state)
      this.#settle(id)
    }
  }

  /** Adds a pin to the entry of a peer. Returns false if there is no room for it */
  #add (id: string, pin: PinEntry): boolean {
    const known = this.#entries.current(id)
    const missing = [...pin.addresses ?? []].filter(text => known?.find(text) == null)
    const isFull = (known?.addresses.length ?? 0) + missing.length > MAX_ADDRESSES || ((known?.pins.length ?? 0) === 0 && !this.#entries.peers.hasRoomForPin)
    const entry = isFull ? undefined : this.#entries.open(id, LEVEL.inUse)

    if (entry != null) {
      // the new pin replaces those that its owner made before the last start
      entry.pins = [...entry.pins.filter(({ isOrphan, owner }) => !isOrphan || owner !== pin.owner), pin]
      // a listener may have reported missing addresses meanwhile
      missing.filter(text => entry.find(text) == null).forEach(text => { entry.add(text) })
      this.#entries.settle(entry, missing.length > 0)
    }

    return entry != null
  }

  /** Updates the entry of a peer after the expiry of a pin has changed, or a pin has ended */
  #settle (id: string): void {
    const entry = this.#entries.peers.get(id)

    if (entry != null) {
      entry.pins = entry.pins.filter(({ state }) => state === 'held')
      this.#entries.settle(entry)
    }
  }
}

function textOf (multiaddr: Multiaddr, peer: PeerId): string {
  const text = addressText(multiaddr, peer)

  if (text == null && isOversized(multiaddr)) {
    throw new InvalidParametersError(`Cannot pin an address of ${peer.toString()}: it has ${multiaddr.bytes.byteLength} bytes, more than ${MAX_ADDRESS_BYTES}`)
  }

  if (text == null) {
    throw new InvalidParametersError(`${multiaddr.toString()} is no address of ${peer.toString()}`)
  }

  return text
}
