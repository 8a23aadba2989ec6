import { InvalidParametersError } from '@libp2p/interface'
import { ownEvidence } from './own-evidence.ts'
import { readShared, writeShared } from './shared-text.ts'
import type { Networks } from '../networks.ts'

/** Milliseconds by which the clocks of members may differ: observations from the future would stay new */
const MAX_SKEW = 600_000

/** The bytes of a member's name: enough for no two nodes to draw the same one */
const NAME_LENGTH = 16

export async function exportHistory (networks: Networks, now: number): Promise<string> {
  const member = networks.member ?? Array.from(crypto.getRandomValues(new Uint8Array(NAME_LENGTH)), octet => octet.toString(16).padStart(2, '0')).join('')

  if (networks.member == null) {
    networks.member = member
    networks.onNamed?.()
  }

  return writeShared({ member, at: now, peers: await ownEvidence(networks.current, now) })
}

export async function mergeHistory (networks: Networks, now: number, text: string): Promise<number> {
  const { current } = networks
  const shared = await readShared(text)

  if (shared.at > now + MAX_SKEW) {
    throw new InvalidParametersError(`merge() needs a text of the past, and this one is of ${new Date(shared.at).toJSON()}: set the clocks of the fleet`)
  }

  // own observations are in the estimates already
  return shared.member === networks.member ? 0 : current.fleet.merge(shared, now)
}
