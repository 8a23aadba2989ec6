import { isRecord, MULTIADDR, PEER_ID } from '../../pipeline/option-kinds.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { SimulatedAddress, SimulatedPeer } from './network.ts'

export const SIMULATED_PEER: OptionKind = { expected: 'a simulated peer', test: isSimulatedPeer }

function isSimulatedPeer (value: unknown): boolean {
  const { id, addresses } = (isRecord(value) ? value : {}) as Partial<SimulatedPeer>

  return PEER_ID.test(id) && Array.isArray(addresses) && addresses.every(isSimulatedAddress)
}

function isSimulatedAddress (value: unknown): boolean {
  const { multiaddr, script } = (isRecord(value) ? value : {}) as Partial<SimulatedAddress>

  return MULTIADDR.test(multiaddr) && script != null
}
