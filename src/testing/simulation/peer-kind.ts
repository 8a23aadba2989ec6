import { isRecord, MULTIADDR, NUMBER, PEER_ID } from '../../pipeline/option-kinds.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { SimulatedAddress, SimulatedName, SimulatedPeer } from './network.ts'

export const SIMULATED_PEER: OptionKind = { expected: 'a simulated peer', test: isSimulatedPeer }

function isSimulatedPeer (value: unknown): boolean {
  const { id, addresses, names = [] } = (isRecord(value) ? value : {}) as Partial<SimulatedPeer>

  return PEER_ID.test(id) && areSimulatedAddresses(addresses) && Array.isArray(names) && names.every(isSimulatedName)
}

function isSimulatedName (value: unknown): boolean {
  const { multiaddr, after, addresses } = (isRecord(value) ? value : {}) as Partial<SimulatedName>

  return MULTIADDR.test(multiaddr) && NUMBER.test(after) && areSimulatedAddresses(addresses)
}

function areSimulatedAddresses (value: unknown): boolean {
  return Array.isArray(value) && value.every(isSimulatedAddress)
}

function isSimulatedAddress (value: unknown): boolean {
  const { multiaddr, script } = (isRecord(value) ? value : {}) as Partial<SimulatedAddress>

  return MULTIADDR.test(multiaddr) && script != null
}
