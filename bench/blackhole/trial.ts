import { dialer } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import type { ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { BenchDialer } from './dialers.ts'

export interface Trial {
  /** Milliseconds from the call to the connection, or to the error */
  ms: number
  error?: Error
}

/** Dials once with a new node: no state of an earlier dial remains, and each dial has its own peer id */
export async function trial ({ pipeline, connectionManager }: BenchDialer, addresses: readonly Multiaddr[]): Promise<Trial> {
  const node = await createNode<ServiceMap>({ listen: [], connectionManager, services: pipeline == null ? {} : { dialer: dialer(pipeline) } })
  const order: Multiaddr[] = []
  const begun = performance.now()

  const result = await node.dial([...addresses], {
    // both dialers report the order in which they will dial
    onProgress: ({ type, detail }: { type: string, detail?: any }) => {
      if (type === 'dial-queue:calculated-addresses') {
        order.push(...detail.map(({ multiaddr }: { multiaddr: Multiaddr }) => multiaddr))
      }
    }
  }).then(
    () => ({ ms: performance.now() - begun }),
    (error: Error) => ({ ms: performance.now() - begun, error })
  )

  await node.stop()

  if (order.join() !== addresses.join()) {
    throw new Error(`not the order that is to be measured: ${order.join(', ')}`)
  }

  return result
}
