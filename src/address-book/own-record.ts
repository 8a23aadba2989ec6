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
 * Milliseconds that a record is cached. Identify seals a new record with each connection, and its receivers refuse older ones: a published record has
 * to be newer
 */
const MAX_AGE = 60_000

/** The maximum number of bytes of all addresses in a record. The rest holds an RSA key of 4,096 bits and its signature, 1,100 bytes together */
const MAX_ADDRESSES_SIZE = MAX_RECORD_SIZE - 1_536

/** The bytes that a record adds to each address */
const PER_ADDRESS = 6

/** The signed record of the node itself. It is sealed at the first request, when the addresses change, and at a request after a minute */
export class OwnRecord {
  readonly #components: Pick<AddressBookComponents, 'addressManager' | 'events' | 'peerId' | 'privateKey'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #log: Logger
  /** The newest sealed record. Undefined: none was requested, or the node has no addresses */
  newest?: KnownRecord
  #sealing?: { readonly addresses: string, readonly at: number, readonly record: Promise<KnownRecord> }

  constructor (components: Pick<AddressBookComponents, 'addressManager' | 'events' | 'peerId' | 'privateKey'>, clock: Pick<Clock, 'now'>, log: Logger) {
    this.#components = components
    this.#clock = clock
    this.#log = log
  }

  /** Returns a record of the current addresses. @throws NotFoundError if the node has none */
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

  /** Returns the first addresses of the node, as many as fit into a record. An announced address may end in the id of another peer: it is skipped */
  #addresses (): Multiaddr[] {
    const { addressManager, peerId } = this.#components
    let size = 0

    return addressManager.getAddresses().flatMap(address => ownAddress(address, peerId) ?? []).slice(0, MAX_RECORD_ADDRESSES).filter(({ bytes }) => {
      size += PER_ADDRESS + bytes.byteLength

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

/** Copies a record, because its bytes are mutable */
export function copyOf ({ seq, envelope }: KnownRecord): KnownRecord {
  return { seq, envelope: Uint8Array.from(envelope) }
}
