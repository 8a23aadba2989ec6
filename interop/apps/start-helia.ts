import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { createHeliaLight } from 'helia'
import type { UseDialer } from './dialers.ts'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { ExecutionContext } from 'ava'
import type { HeliaInit } from 'helia'
import type { Libp2pOptions } from 'libp2p'

/** Starts Helia with everything in memory. Helia stops with the test, and asks no server: createHelia() would add gateways */
export async function startHelia (t: ExecutionContext, useDialer: UseDialer, options: Libp2pOptions<any>, init: HeliaInit = {}): Promise<HeliaWithLibp2p<any>> {
  const helia = withBitswap(withLibp2pLight(createHeliaLight(init), useDialer(options)))

  await helia.start()
  t.teardown(async () => { await helia.stop() })

  return helia
}
