import { NotFoundError } from '@libp2p/interface'
import { nextSeq } from '../records/next-seq.ts'
import { MAX_RECORD_ADDRESSES, MAX_RECORD_SIZE } from '../records/open-record.ts'
import { ownAddress } from '../records/record-addresses.ts'
import { sealRecord } from '../records/seal-record.ts'
import type { AddressBookComponents } from './types.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { KnownRecord } from '../records/types.ts'
import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Milliseconds for which a record is returned again. With each connection identify seals a record of its own, and who has that one refuses
 * what is older: what is published has to be newer
 */
const MAX_AGE = 60_000

/** Bytes that the addresses of a record may take together: an RSA key of 4,096 bits and its signature take 1,100 of the rest */
const MAX_ADDRESSES_SIZE = MAX_RECORD_SIZE - 1_536

/** Bytes that an address takes in a record beside its own */
const PER_ADDRESS = 6

/** The record of the node itself. It is sealed when it is first asked for, when the node's addresses change, and when it is asked for a minute later */
export class OwnRecord {
  readonly #components: Pick<AddressBookComponents, 'addressManager' | 'events' | 'peerId' | 'privateKey'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #log: Logger
  /** The newest one that is sealed. Undefined: nobody has asked for one, or the node has no addresses any more */
  newest?: KnownRecord
  #sealing?: { readonly addresses: string, readonly at: number, readonly record: Promise<KnownRecord> }

  constructor (components: Pick<AddressBookComponents, 'addressManager' | 'events' | 'peerId' | 'privateKey'>, clock: Pick<Clock, 'now'>, log: Logger) {
    this.#components = components
    this.#clock = clock
    this.#log = log
  }

  /** @throws NotFoundError where the node has no addresses */
  async seal (): Promise<KnownRecord> {
    const multiaddrs = this.#addresses()

    if (multiaddrs.length === 0) {
      this.newest = undefined
      this.#sealing = undefined
      throw new NotFoundError('Cannot seal a record of this node: it has no addresses. Call ownRecord() after the node has started, or on the event self:peer:update')
    }

    const addresses = multiaddrs.join()
    const now = this.#clock.now()

    if (this.#sealing?.addresses !== addresses || now >= this.#sealing.at + MAX_AGE) {
      this.#sealing = { addresses, at: now, record: this.#seal(multiaddrs) }
    }

    return this.#sealing.record
  }

  start (): void {
    this.#components.events.addEventListener('self:peer:update', this.#renew)
  }

  stop (): void {
    this.#components.events.removeEventListener('self:peer:update', this.#renew)
  }

  /** The first of the node's addresses, as many as a record has room for */
  #addresses (): Multiaddr[] {
    const { addressManager, peerId } = this.#components
    let size = 0

    return addressManager.getAddresses().slice(0, MAX_RECORD_ADDRESSES).filter(address => {
      size += PER_ADDRESS + (ownAddress(address, peerId) ?? address).bytes.byteLength

      return size <= MAX_ADDRESSES_SIZE
    })
  }

  async #seal (multiaddrs: readonly Multiaddr[]): Promise<KnownRecord> {
    const { privateKey } = this.#components
    const seq = nextSeq(privateKey)

    try {
      const record = Object.freeze({ seq, envelope: await sealRecord(privateKey, { multiaddrs, seq }) })

      if (this.newest == null || this.newest.seq < seq) {
        this.newest = record
      }

      return record
    } catch (err) {
      this.#sealing = undefined
      throw err
    }
  }

  readonly #renew = (): void => {
    if (this.newest != null) {
      this.seal().catch(err => { this.#log('could not renew the record of this node - %e', err) })
    }
  }
}

/** Bytes can be changed by whoever has them */
export function copyOf ({ seq, envelope }: KnownRecord): KnownRecord {
  return { seq, envelope: Uint8Array.from(envelope) }
}
