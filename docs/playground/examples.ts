// The networks of the menu
import { USUAL } from './settings.ts'
import type { NetworkSettings } from './settings.ts'

export interface Example {
  readonly label: string
  readonly network: NetworkSettings
}

const example = (label: string, network: Partial<NetworkSettings>): Example => ({ label, network: { ...USUAL, silent: 0, ...network } })

export const examples: readonly Example[] = [
  example('Two dead addresses first', { silent: 2 }),
  example('All is well', { tcp: 1, quic: 1 }),
  example('Everything is dead', { silent: 3, refusing: 2, tcp: 0 }),
  example('Private addresses leak', { private: 2, quic: 1 }),
  example('A relay, and a direct way', { relay: 1, silent: 1, quic: 1, roundTrip: 120 }),
  example('A relay only', { relay: 2, silent: 2, tcp: 0 }),
  example('A name that resolves late', { dns: 700, silent: 1, tcp: 0 }),
  example('A train with bad reception', { roundTrip: 240, loss: 20, tcp: 2, quic: 1, ws: 1 }),
  example('Met before', { silent: 3, quic: 1, before: 2 })
]
