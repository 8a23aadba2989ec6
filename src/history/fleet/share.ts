import { InvalidParametersError } from '@libp2p/interface'
import { checkExportOptions, checkMergeOptions } from './options.ts'
import { ownEvidence } from './own-evidence.ts'
import { readShared, writeShared } from './shared-text.ts'
import type { Networks } from '../networks.ts'
import type { ExportOptions, MergeOptions } from './options.ts'

/** Milliseconds by which the clocks of members may differ: observations from the future would stay new */
const MAX_SKEW = 600_000

export async function exportHistory (networks: Networks, now: number, options: ExportOptions): Promise<string> {
  checkExportOptions(options)

  return writeShared({ member: networks.member.name, at: now, peers: await ownEvidence(networks.current, now, options.private ?? false) })
}

export async function mergeHistory (networks: Networks, now: number, text: string, options: MergeOptions): Promise<number> {
  checkMergeOptions(options)
  const { current } = networks
  const shared = await readShared(text)

  if (shared.at > now + MAX_SKEW) {
    throw new InvalidParametersError(`merge() needs a text of the past, and this one is of ${new Date(shared.at).toJSON()}: set the clocks of the fleet`)
  }

  const { private: isPrivate = false, weight = 1 } = options

  // own observations are in the estimates already
  return shared.member === networks.member.known ? 0 : current.fleet.merge(shared, { now, weight, private: isPrivate })
}
