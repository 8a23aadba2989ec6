import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../../pipeline/check-options.ts'
import { BOOLEAN } from '../../pipeline/option-kinds.ts'
import { ownEvidence } from './own-evidence.ts'
import { readShared, writeShared } from './shared-text.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { Networks } from '../networks.ts'

/** Milliseconds by which the clocks of members may differ: observations from the future would stay new */
const MAX_SKEW = 600_000

export interface ExportOptions {
  /**
   * Whether observations of private addresses are exported, for a fleet in one private network. Loopback and link-local addresses are never exported
   *
   * @default false
   */
  private?: boolean
}

export interface MergeOptions {
  /**
   * Whether observations of private addresses are accepted
   *
   * @default false
   */
  private?: boolean
  /**
   * The weight of each observation in the text, relative to an own one: above 0, at most 1
   *
   * @default 1
   */
  weight?: number
}

const WEIGHT: OptionKind = { expected: 'a number more than 0, 1 at most', test: value => typeof value === 'number' && value > 0 && value <= 1 }

/** The bytes of a member's name: enough for no two nodes to draw the same one */
const NAME_LENGTH = 16

export async function exportHistory (networks: Networks, now: number, options: ExportOptions): Promise<string> {
  checkOptions('export()', options, { private: BOOLEAN }, InvalidParametersError)
  const member = networks.member ?? Array.from(crypto.getRandomValues(new Uint8Array(NAME_LENGTH)), octet => octet.toString(16).padStart(2, '0')).join('')

  if (networks.member == null) {
    networks.member = member
    networks.onNamed?.()
  }

  return writeShared({ member, at: now, peers: await ownEvidence(networks.current, now, options.private ?? false) })
}

export async function mergeHistory (networks: Networks, now: number, text: string, options: MergeOptions): Promise<number> {
  checkOptions('merge()', options, { private: BOOLEAN, weight: WEIGHT }, InvalidParametersError)
  const { private: isPrivate = false, weight = 1 } = options
  const { current } = networks
  const shared = await readShared(text, isPrivate)

  if (shared.at > now + MAX_SKEW) {
    throw new InvalidParametersError(`merge() needs a text of the past, and this one is of ${new Date(shared.at).toJSON()}: set the clocks of the fleet`)
  }

  // own observations are in the estimates already
  return shared.member === networks.member ? 0 : current.fleet.merge(shared, weight, now)
}
