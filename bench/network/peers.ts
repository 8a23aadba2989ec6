import { addressesOf } from './scenarios.ts'
import type { ListeningPeer } from './listeners.ts'
import type { Random } from './random.ts'
import type { Truth } from './scenarios.ts'
import type { Peer } from './trial.ts'

let place = 0

/** Draws a peer of a scenario for each listening node. No two peers share an address */
export function peersOf (draw: (random: Random, i: number) => Truth[], listening: readonly ListeningPeer[], random: Random): Peer[] {
  return listening.map((peer, i) => {
    const truths = draw(random, i)

    return { id: peer.id, truths, addresses: addressesOf(truths, peer, () => place++) }
  })
}
