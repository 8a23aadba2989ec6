import { setImmediate } from 'node:timers/promises'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { streamMigration } from '../../../src/stream-migration/index.ts'
import { VirtualClock } from '../../../src/testing/index.ts'
import { Talker } from './talker.ts'
import { Wire } from './wire.ts'
import type { MigratableStream, StreamMigrationComponents, StreamMigrationService } from '../../../src/stream-migration/index.ts'
import type { Handler, Side, WireInit } from './wire.ts'
import type { PeerId, Startable } from '@libp2p/interface'

export const ECHO = '/test/talk'

const ids = await Promise.all([1, 2].map(async seed => peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)))))
/** The peers, the lower id first: if both ends propose, the proposal of the first one wins */
const PEERS = ids.toSorted((a, b) => Buffer.compare(a.toMultihash().bytes, b.toMultihash().bytes)) as [PeerId, PeerId]

/** Two ends with connections between them, and a labelled stream that the first end opened over the first connection */
export class Scene {
  readonly clock = new VirtualClock(0)
  readonly services: [StreamMigrationService, StreamMigrationService]
  readonly wires: Wire[]
  talkers!: [Talker, Talker]

  constructor (wires: number | Array<Pick<WireInit, 'window' | 'limited'>>) {
    const handlers: [Handler, Handler] = [() => {}, () => {}]

    const end = (side: Side): StreamMigrationService => {
      const components = {
        peerId: PEERS[side],
        registrar: { handle: async (_protocol: string, handler: Handler) => { handlers[side] = handler } }
      } as Partial<StreamMigrationComponents> as StreamMigrationComponents
      const service = streamMigration({ clock: this.clock })(components)

      void (service as StreamMigrationService & Startable).start()

      return service
    }

    this.services = [end(0), end(1)]
    this.wires = (typeof wires === 'number' ? Array.from({ length: wires }, () => ({})) : wires)
      .map(init => new Wire({ ...init, peers: PEERS, handlers }))
  }

  /** @param own the end that opens the stream */
  async open (own: Side = 0): Promise<this> {
    const other = own === 0 ? 1 : 0
    const accepted = Promise.withResolvers<MigratableStream>()
    this.services[other].handle(ECHO, stream => { accepted.resolve(stream as MigratableStream) })

    const opened = this.services[own].open(this.wire(0).connections[own], ECHO)
    await this.settle()
    const streams = own === 0 ? [await opened, await accepted.promise] : [await accepted.promise, await opened]
    this.talkers = streams.map((stream, i) => new Talker(stream, i as Side)) as [Talker, Talker]

    return this
  }

  wire (n: number): Wire {
    return this.wires[n % this.wires.length] as Wire
  }

  stream (side: Side): MigratableStream {
    return this.talkers[side].stream as MigratableStream
  }

  async migrate (side: Side, wire: number): Promise<void> {
    await this.services[side].migrate(this.stream(side), this.wire(wire).connections[side])
  }

  /** Lets promises settle without delivering messages */
  async pass (): Promise<void> {
    await setImmediate()
  }

  /** Delivers all messages, and those that follow from them */
  async settle (): Promise<void> {
    do {
      for (const wire of this.wires) {
        wire.deliver(0, Infinity)
        wire.deliver(1, Infinity)
      }

      await this.pass()
    } while (this.wires.some(wire => wire.pending(0) + wire.pending(1) > 0))
  }

  /** Has both ends send the rest of their data, and close */
  async end (): Promise<void> {
    for (const talker of this.talkers) {
      talker.resume()
      talker.close()
    }

    await this.settle()
  }

  /** The number of streams on the connections, and of timers and labels in the services */
  get left (): { streams: number, labels: number, timers: number } {
    return {
      streams: this.wires.reduce((sum, { streams: [a, b] }) => sum + a.size + b.size, 0),
      labels: this.services.reduce((sum, { streams }) => sum + streams.length, 0),
      timers: this.clock.pending
    }
  }
}
