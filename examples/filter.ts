// Drops addresses by a rule of your own. Guide: docs/guides/write-a-filter.md
import { staggered } from 'libp2p-dial-pipeline/presets'
import { filter } from 'libp2p-dial-pipeline/stages'

/** Drops private addresses */
export const noPrivate = filter('no-private', ({ facts }) => !facts.isPrivate || 'a private address')

/** Drops private addresses that the caller did not pass */
export const noPrivateUnlessPassed = filter('no-private', ({ facts, provenance }) => {
  return !facts.isPrivate || provenance.some(({ source }) => source === 'user') || 'a private address that the caller did not pass'
})

export const strict = staggered().after('resolve', noPrivate)
