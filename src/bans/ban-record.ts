import { Key } from 'interface-datastore/key'
import { parseBanTarget, toText } from './target.ts'
import type { Ban } from './bans.ts'

/** What the keys of the records begin with */
const PREFIX = '/dial-bans'

/** Of what is written. What is of another is not read */
const VERSION = 1

/** Into how many records the bans are divided: so many that a change is a small write, so few that all are soon read */
export const SHARDS = 32

export interface ReadBan {
  readonly key: string
  readonly ban: Ban
}

export function recordKeyOf (shard: number): Key {
  return new Key(`${PREFIX}/${shard}`)
}

/** Returns in which record a ban is. Bans that differ little are spread well enough by this */
export function shardOf (key: string): number {
  let sum = 0

  for (let i = 0; i < key.length; i++) {
    sum += key.charCodeAt(i)
  }

  return sum % SHARDS
}

export function encodeBans (bans: readonly Ban[]): Uint8Array {
  // JSON has no infinity
  const written = bans.map(({ target, since, until }) => [toText(target), since, Number.isFinite(until) ? until : null])

  return new TextEncoder().encode(JSON.stringify({ version: VERSION, bans: written }))
}

/**
 * Returns the bans of a record, and whether these are all of it. Never throws: it returns no bans of a record that is damaged, or of another
 * version
 */
export function decodeBans (record: Uint8Array, now: number): { bans: ReadBan[], isComplete: boolean } {
  const written = writtenBans(record)
  const bans: ReadBan[] = []
  let isComplete = written != null

  for (const one of written ?? []) {
    try {
      const ban = decodeBan(one, now)
      bans.push({ ban, key: parseBanTarget(ban.target).key })
    } catch {
      isComplete = false
    }
  }

  return { bans, isComplete }
}

function writtenBans (record: Uint8Array): unknown[] | undefined {
  try {
    const { version, bans } = JSON.parse(new TextDecoder().decode(record))

    return version === VERSION && Array.isArray(bans) ? bans : undefined
  } catch {}
}

/** Where the clock was set back, a ban is not longer for that */
function decodeBan (written: unknown, now: number): Ban {
  const [text, since, until] = written as [unknown, unknown, unknown]
  const end = until ?? Infinity

  if (typeof text !== 'string' || typeof since !== 'number' || typeof end !== 'number') {
    throw new Error('not a ban')
  }

  return { target: text, since: Math.min(since, now), until: Math.min(end, now + end - since) }
}
