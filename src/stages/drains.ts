import { sleep } from '../pipeline/clock.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** What libp2p runs by itself on every connection: no reason to keep one open */
const BACKGROUND = [
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
  '/libp2p/autonat/1.0.0',
  '/libp2p/dcutr'
]

/** The connections of a node that are no longer preferred: closed when idle, never the last of a peer */
export class Drains {
  readonly #components: DialComponents
  readonly #idle: number

  constructor (components: DialComponents, idle: number) {
    this.#components = components
    this.#idle = idle
  }

  drain (connection: Connection): void {
    const closed = new AbortController()
    const onClose = (): void => { closed.abort() }
    connection.addEventListener('close', onClose, { once: true })

    this.#closeWhenIdle(connection, closed.signal).catch(err => {
      if (!closed.signal.aborted) {
        this.#components.logger.forComponent('libp2p:dial-pipeline:converge').error('could not close a connection to %p - %e', connection.remotePeer, err)
      }
    }).finally(() => {
      connection.removeEventListener('close', onClose)
    })
  }

  async #closeWhenIdle (connection: Connection, closed: AbortSignal): Promise<void> {
    while (connection.status === 'open') {
      const streams = applicationStreams(connection)

      if (streams.length > 0) {
        await Promise.all(streams.map(async stream => ended(stream, closed)))
        continue
      }

      await sleep(this.#idle, this.#components.clock, closed)

      if (applicationStreams(connection).length > 0) {
        continue
      }

      if (this.#isLast(connection)) {
        return
      }

      await connection.close()
    }
  }

  #isLast ({ id, remotePeer }: Connection): boolean {
    return !this.#components.connectionManager.getConnections(remotePeer).some(other => other.id !== id && other.status === 'open')
  }
}

function applicationStreams ({ streams }: Connection): Stream[] {
  return streams.filter(({ protocol }) => protocol != null && protocol !== '' && !BACKGROUND.some(background => protocol.endsWith(background)))
}

async function ended (stream: Stream, closed: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onClose = (): void => {
      closed.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = (): void => {
      stream.removeEventListener('close', onClose)
      reject(closed.reason)
    }

    stream.addEventListener('close', onClose, { once: true })
    closed.addEventListener('abort', onAbort, { once: true })
  })
}
