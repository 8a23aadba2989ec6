/**
 * Tools for tests: a virtual clock, scripted and simulated networks, and `compliance()`, which checks a stage against the contract.
 *
 * @module libp2p-dial-pipeline/testing
 */

export { compliance } from './compliance/index.ts'
export type { ComplianceCheck, ComplianceFixture } from './compliance/types.ts'
export { History } from '../history/history.ts'
export type { DialComponents } from '../pipeline/types.ts'
export { scriptedComponents } from './scripted-components.ts'
export { ScriptedNetwork } from './scripted-network.ts'
export type { Script } from './scripted-network.ts'
export { simulatedNetwork } from './simulation/network.ts'
export type { SimulatedAddress, SimulatedName, SimulatedNetwork, SimulatedPeer } from './simulation/network.ts'
export type { SimulatedAddressKind, SimulatedNetworkInit } from './simulation/network-init.ts'
export { simulatedNode } from './simulation/node.ts'
export type { SimulatedDial, SimulatedNode, SimulatedNodeInit } from './simulation/node.ts'
export { simulate } from './simulation/simulate.ts'
export type { SimulateInit } from './simulation/simulate.ts'
export type { SimulatedTransport } from './simulation/transports.ts'
export { testDial } from './test-dial.ts'
export type { TestDial } from './test-dial.ts'
export { settled, VirtualClock } from './virtual-clock.ts'
