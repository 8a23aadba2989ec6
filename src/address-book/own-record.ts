import { NotFoundError } from '@libp2p/interface'
import { nextSeq } from '../records/next-seq.ts'
import { MAX_RECORD_ADDRESSES } from '../records/open-record.ts'
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

/** The record of the node itself. It is sealed when it is first asked for, when the node's addresses change, and when it is asked for a minute later */
export class OwnRecord {
  readonly #components: Pick<AddressBookComponents, 'addressManager' | 'events' | 'privateKey'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #log: Logger
  /** The newest one that is sealed. Undefined: nobody has asked for one, or the node has no addresses any more */
  newest?: KnownRecord
  #sealing?: { readonly addresses: string, readonly at: number, readonly record: Promise<KnownRecord> }

  constructor (components: Pick<AddressBookComponents, 'addressManager' | 'events' | 'privateKey'>, clock: Pick<Clock, 'now'>, log: Logger) {
    this.#components = components
    this.#clock = clock
    this.#log = log
  }

  /** @throws NotFoundError where the node has no addresses */
  async seal (): Promise<KnownRecord> {
    const multiaddrs = this.#components.addressManager.getAddresses().slice(0, MAX_RECORD_ADDRESSES)

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
