import test from 'ava'
import { streamMigration } from '../../src/stream-migration/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { Startable, StreamHandlerOptions } from '@libp2p/interface'

/** Starts the service, and returns the options that it gives the registrar */
async function registered (): Promise<StreamHandlerOptions> {
  const options: StreamHandlerOptions[] = []
  const registrar = { handle: async (_protocol: string, _handler: unknown, given: StreamHandlerOptions) => { options.push(given) } }
  // `any`: a fake with only the members that the test needs
  const service: unknown = streamMigration()({ peerId: await newPeer(), registrar } as any)
  await (service as Startable).start()

  return options[0] as StreamHandlerOptions
}

test('stream migration accepts and opens 256 streams for each connection, limited ones included', async t => {
  t.deepEqual(await registered(), { maxInboundStreams: 256, maxOutboundStreams: 256, runOnLimitedConnection: true })
})
