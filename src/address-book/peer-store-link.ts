import { AbortError } from '@libp2p/interface'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'
import { Bounded } from '../pipeline/bounded.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { patch } from '../pipeline/patch.ts'
import { within } from '../pipeline/time-limit.ts'
import { openRecord } from '../records/open-record.ts'
import { addressText } from './address-text.ts'
import { asOwnOperation, hasAddresses, isSuccessWrite, isOwnOperation, keptAddresses, multiaddrsOf } from './peer-store-write.ts'
import { mutexOf } from './keyed-mutex.ts'
import type { ConsumedRecord } from './types.ts'
import type { KeyedMutex } from './keyed-mutex.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { SignedRecord } from '../records/types.ts'
import type { Address, Logger, Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Milliseconds that a record waits for the peer store */
const TIMEOUT = 5_000

/** The maximum number of peers in `#shared` */
const MAX_SHARED = 2_000

type StoredPeer = Partial<Pick<Peer, 'addresses' | 'peerRecordEnvelope'>>

type WriteName = 'save' | 'patch' | 'merge'

export interface PeerStoreLinkInit {
  readonly peerStore: PeerStore
  readonly clock: Clock
  readonly log: Logger
  /** Returns whether the user or the configuration reports an address of a peer */
  readonly isConfigured: (peer: PeerId, multiaddr: Multiaddr) => boolean
  /** Called when the application has deleted a peer, or replaced its addresses by these */
  readonly onReplaced: (peer: PeerId, multiaddrs: readonly Multiaddr[]) => void
  /** Called when a signed record was written, by identify or `consumePeerRecord()` */
  readonly onRecord: (peer: PeerId, envelope: Uint8Array) => Promise<unknown>
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
      this.#unwatch ??= this.#watch()
    } catch (err) {
      this.#init.log.error('cannot observe the peer store: its methods cannot be replaced, so the address book misses writes - %e', err)
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

  /**
   * Observes the writes of other code. A write waits while a function holds the lock of its peer, and begins at once otherwise
   *
   * @returns a function that ends the observation, even if other code has wrapped the peer store since
   */
  #watch (): () => void {
    const { peerStore: store, onReplaced } = this.#init
    const original = { delete: store.delete.bind(store), save: store.save.bind(store), patch: store.patch.bind(store), merge: store.merge.bind(store) }
    let isWatching = true

    const watched = (name: WriteName): PeerStore['patch'] => async (peer, data, options) => {
      // save() also deletes what the data does not have
      const isOfAddresses = name === 'save' || (data != null && hasAddresses(data))

      if (!isWatching || !isOfAddresses || isOwnOperation(options)) {
        return original[name](peer, data, options)
      }

      const result = await this.#mutex.runAfter(String(peer), options?.signal, async () => {
        this.#share(name, peer, data)

        return original[name](peer, data, options)
      })
      await this.#written(name, peer, data)

      return result
    }

    const remove: PeerStore['delete'] = async (peer, options) => {
      if (!isWatching) {
        return original.delete(peer, options)
      }

      await this.#mutex.runAfter(String(peer), options?.signal, async () => original.delete(peer, options))
      onReplaced(peer, [])
    }

    const undo = [patch(store, 'delete', remove), ...(['save', 'patch', 'merge'] as const).map(name => patch(store, name, watched(name)))]

    return () => {
      isWatching = false
      undo.forEach(fn => { fn() })
    }
  }

  /** Records addresses that others add: the peer store cannot tell a certified address from one that was also written uncertified */
  #share (name: WriteName, peer: PeerId, data: PeerData): void {
    const shared = name === 'merge' && data.peerRecordEnvelope == null && !isSuccessWrite(data) ? this.#shared.get(peer.toString()) : undefined

    for (const multiaddr of shared == null ? [] : multiaddrsOf(data, ({ isCertified }) => !isCertified)) {
      const text = addressText(multiaddr, peer) ?? ''

      if (shared?.has(text) === true) {
        shared.set(text, true)
      }
    }
  }

  async #written (name: WriteName, peer: PeerId, data: PeerData): Promise<void> {
    const { onRecord, onReplaced } = this.#init
    // identify patches addresses together with protocols. Such a write removes no reports of other sources
    const isOfIdentify = name === 'patch' && (data.protocols != null || data.publicKey != null)

    if (name !== 'merge' && data.peerRecordEnvelope != null) {
      await onRecord(peer, data.peerRecordEnvelope)
    } else if (name !== 'merge' && !isOfIdentify) {
      onReplaced(peer, multiaddrsOf(data))
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

/** Reads a record as libp2p does at each identify of the peer: unverified. Undefined for a record at which libp2p would throw, and the identify fail */
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
