// Ranks addresses by a metric of your own. Guide: docs/guides/rank-by-your-own-metric.md
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { rankBy } from 'libp2p-dial-pipeline/stages'

/** Round-trip times in milliseconds by host, as your program measures them */
export const rtts = new Map<string, number>()

/** Puts the nearest host first. Hosts without a measurement come last, in the order of the list above */
export const nearestFirst = rankBy('nearest-first', ({ facts }) => rtts.get(facts.host ?? ''))

export const nearest = adaptive().after('by-history', nearestFirst)
