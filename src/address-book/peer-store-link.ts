import { AbortError } from '@libp2p/interface'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'
import { Bounded } from '../pipeline/bounded.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { within } from '../pipeline/time-limit.ts'
import { openRecord } from '../records/open-record.ts'
import { addressText } from './address-text.ts'
import { asOwnOperation, keptAddresses } from './peer-store-write.ts'
import { mutexOf } from './keyed-mutex.ts'
import { watchWrites } from './watch-writes.ts'
import type { ConsumedRecord } from './types.ts'
import type { KeyedMutex } from './keyed-mutex.ts'
import type { WriteListeners } from './watch-writes.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { SignedRecord } from '../records/types.ts'
import type { Address, Logger, Peer, PeerId, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Milliseconds that a record waits for the peer store */
const TIMEOUT = 5_000

/** The maximum number of peers in `#shared` */
const MAX_SHARED = 2_000

type StoredPeer = Partial<Pick<Peer, 'addresses' | 'peerRecordEnvelope'>>

export interface PeerStoreLinkInit extends Omit<WriteListeners, 'onAdd'> {
  readonly peerStore: PeerStore
  readonly clock: Clock
  readonly log: Logger
  /** Returns whether the user or the configuration reports an address of a peer */
  readonly isConfigured: (peer: PeerId, multiaddr: Multiaddr) => boolean
}

/** Writes the records of an address book to the node's peer store, and reports writes of others to the book */
export class PeerStoreLink {
  readonly #init: PeerStoreLinkInit
  readonly #mutex: KeyedMutex
  /** For each peer, the addresses of its record, and whether other code has written each too */
  readonly #shared = new Bounded<Map<string, boolean>>(MAX_SHARED)
  #untilStop = new AbortController()
  #unwatch?: () => void

  constructor (init: PeerStoreLinkInit) {
    this.#init = init
    this.#mutex = mutexOf(init.peerStore)
  }

  /** Observes the writes of others from now on. Repeated calls have no effect */
  start (): void {
    try {
      this.#unwatch ??= watchWrites(this.#init.peerStore, this.#mutex, { ...this.#init, onAdd: this.#onAdd })
    } catch (err) {
      this.#init.log.error('what the peer store is told does not reach the address book: its methods cannot be replaced - %e', err)
    }
  }

  stop (): void {
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#untilStop.abort(new AbortError('the node stops'))
    this.#untilStop = new AbortController()
  }

  /**
   * Adds a record to the book and writes it to the peer store, in one step. If the peer store has a newer one, that is added first. Never rejects: the
   * book keeps the record even if the peer store fails or does not answer
   *
   * @param keep adds a verified record to the book
   */
  async consume (record: SignedRecord, keep: (record: SignedRecord) => ConsumedRecord): Promise<ConsumedRecord> {
    const { peerId } = record
    const { clock, log } = this.#init
    let result: ConsumedRecord | undefined

    try {
      await within(TIMEOUT, clock, `No answer after ${TIMEOUT} ms`, [this.#untilStop.signal], async signal => this.#mutex.run(peerId.toString(), async () => {
        const stored = await this.#read(peerId, signal)
        const newer = await newerThan(record, stored.peerRecordEnvelope)

        if (newer != null) {
          keep(newer)
        }

        result = keep(record)

        if (result.status !== 'refused') {
          await this.#write(record, stored, signal)
        }
      }, signal))
    } catch (err) {
      log.error('could not write the signed record of %p to the peer store - %e', peerId, err)
    }

    return result ?? keep(record)
  }

  /** Records addresses that others write: the peer store cannot tell a certified address from one that was also written uncertified */
  readonly #onAdd: WriteListeners['onAdd'] = (peer, multiaddrs) => {
    const shared = this.#shared.get(peer.toString())

    for (const text of multiaddrs.map(multiaddr => addressText(multiaddr, peer) ?? '')) {
      if (shared?.has(text) === true) {
        shared.set(text, true)
      }
    }
  }

  async #read (peer: PeerId, signal: AbortSignal): Promise<StoredPeer> {
    try {
      return await settledOrAborted(this.#init.peerStore.get(peer, asOwnOperation({ signal })), signal)
    } catch (err: any) {
      if (err?.name !== 'NotFoundError') {
        throw err
      }

      return {}
    }
  }

  async #write ({ peerId, multiaddrs, envelope }: SignedRecord, { addresses: stored = [], peerRecordEnvelope }: StoredPeer, signal: AbortSignal): Promise<void> {
    const { peerStore, isConfigured } = this.#init
    const id = peerId.toString()
    const before = this.#shared.get(id)
    const isOthers = (text: string, { multiaddr, isCertified }: Address): boolean => !isCertified || before?.get(text) === true || isConfigured(peerId, multiaddr)
    const certified = multiaddrs.map(multiaddr => ({ multiaddr, isCertified: true }))
    const addresses = [...certified, ...keptAddresses(peerId, { multiaddrs: [...multiaddrs] }, stored, isOthers)]

    const others = new Set(keptAddresses(peerId, {}, stored, isOthers).map(({ multiaddr }) => addressText(multiaddr, peerId)))

    this.#shared.set(id, new Map(multiaddrs.map(multiaddr => [multiaddr.toString(), others.has(multiaddr.toString())])))

    // a repeated record is not written again
    if (peerRecordEnvelope == null || !equals(peerRecordEnvelope, envelope) || textOf(stored) !== textOf(addresses)) {
      // a record that libp2p cannot read would fail each identify of the peer
      const data = { addresses, peerRecordEnvelope: readAsLibp2p(envelope) == null ? undefined : envelope }
      await settledOrAborted(peerStore.patch(peerId, data, asOwnOperation({ signal })), signal)
    }
  }
}

/**
 * Reads a record like libp2p does at each identify of the peer: unverified. Undefined: libp2p would throw, and the identify would fail
 */
function readAsLibp2p (envelope: Uint8Array): PeerRecord | undefined {
  try {
    return PeerRecord.createFromProtobuf(RecordEnvelope.createFromProtobuf(envelope).payload)
  } catch {
    return undefined
  }
}

function textOf (addresses: readonly Address[]): string {
  return addresses.map(({ multiaddr, isCertified }) => `${multiaddr.toString()} ${isCertified}`).toSorted((a, b) => a.localeCompare(b)).join()
}

/** Returns the verified record of the peer store if it is not older than another. Undefined: it is older, or there is none */
async function newerThan ({ peerId, seq, envelope }: SignedRecord, stored: Uint8Array | undefined): Promise<SignedRecord | undefined> {
  const known = stored == null || equals(stored, envelope) ? undefined : readAsLibp2p(stored)

  if (stored == null || known == null || known.seqNumber < seq) {
    return undefined
  }

  const opened = await openRecord(stored, { expectedPeer: peerId })

  return opened.status === 'opened' ? opened.record : undefined
}
