// Says when attempts start. Guide: docs/guides/write-a-pace-rule.md
import { staggered } from 'libp2p-dial-pipeline/presets'
import { hold, pace } from 'libp2p-dial-pipeline/stages'

/** Starts the next attempt one second after the latest one */
export const slowly = pace('slowly', race => race.lastStart + 1_000)

/** Starts no relayed address before 500 ms after the first attempt */
export const relaysLater = hold('relays-later', race => ({ facts }) => facts.isRelayed ? race.firstStart + 500 : 0)

export const slow = staggered().replace('stagger', slowly).before('race', relaysLater)
