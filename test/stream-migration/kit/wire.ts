import { connectionSymbol, StreamStateError } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { WireStream } from './wire-stream.ts'
import type { Message } from './wire-stream.ts'
import type { Connection, NewStreamOptions, PeerId, Stream } from '@libp2p/interface'

export type Handler = (stream: Stream, connection: Connection) => void
export type Side = 0 | 1

export interface WireInit {
  /** The peer ids of both ends */
  peers: [PeerId, PeerId]
  handlers: [Handler, Handler]
  /** The maximum number of bytes of a stream in transit and unread */
  window?: number
  limited?: boolean
}

/** A connection between two ends in this process. Messages arrive only when the test delivers them */
export class Wire {
  readonly connections: readonly [Connection, Connection]
  readonly streams: readonly [Map<string, WireStream>, Map<string, WireStream>] = [new Map(), new Map()]
  readonly #init: WireInit
  /** The messages in transit, by sender */
  readonly #queues: [Message[], Message[]] = [[], []]
  readonly #dead: [boolean, boolean] = [false, false]
  #ids = 0

  constructor (init: WireInit) {
    this.#init = init
    this.connections = [this.#connection(0), this.#connection(1)]
  }

  pending (from: Side): number {
    return this.#queues[from].length
  }

  /** Delivers up to `count` messages of a sender */
  deliver (from: Side, count: number): void {
    for (let i = 0; i < count; i++) {
      const message = this.#queues[from].shift()

      if (message == null) {
        return
      }

      this.#arrive(from === 0 ? 1 : 0, message)
    }
  }

  /** Closes the connection at one side. The other side learns it after `arriving` more messages, without an error, as from a closed socket */
  kill (side: Side, arriving = 0): void {
    const other = side === 0 ? 1 : 0

    if (this.#dead[side]) {
      return
    }

    this.#dead[side] = true
    this.#queues[other] = []
    this.#queues[side] = [...this.#queues[side].slice(0, arriving), { id: '', type: 'dead' }]

    for (const stream of this.streams[side].values()) {
      stream.abort(new Error('The connection was killed'))
    }
  }

  #connection (side: Side): Connection {
    const { peers, limited } = this.#init
    const other = side === 0 ? 1 : 0

    return {
      [connectionSymbol]: true,
      remotePeer: peers[other],
      limits: limited === true ? { seconds: 1 } : undefined,
      newStream: async (_protocols: string[], { signal, runOnLimitedConnection }: NewStreamOptions = {}) => {
        signal?.throwIfAborted()

        if (this.#dead[side] || (limited === true && runOnLimitedConnection !== true)) {
          throw new StreamStateError('The connection has closed')
        }

        const stream = this.#stream(side, `${side}-${this.#ids++}`, 'outbound')
        this.#send(side, { id: stream.id, type: 'open' })

        return stream
      }
    } as Partial<Connection> as Connection
  }

  #stream (side: Side, id: string, direction: 'inbound' | 'outbound'): WireStream {
    const stream = new WireStream({
      id,
      direction,
      log: defaultLogger().forComponent('wire'),
      window: this.#init.window ?? 65_536,
      sendMessage: message => { this.#send(side, message) }
    })

    this.streams[side].set(id, stream)
    stream.addEventListener('close', () => { this.streams[side].delete(id) })

    return stream
  }

  #send (side: Side, message: Message): void {
    if (!this.#dead[0] && !this.#dead[1]) {
      this.#queues[side].push(message)
    }
  }

  #arrive (side: Side, message: Message): void {
    if (message.type === 'dead') {
      this.#dead[side] = true

      for (const stream of this.streams[side].values()) {
        stream.onTransportClosed()
      }
    } else if (message.type === 'open') {
      this.#init.handlers[side](this.#stream(side, message.id, 'inbound'), this.connections[side])
    } else {
      this.streams[side].get(message.id)?.onMessage(message)
    }
  }
}
