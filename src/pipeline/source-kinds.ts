import { MAX_NAME } from '../address/check-name.ts'
import { NAME } from './option-kinds.ts'
import { KNOWN_SOURCES, PROVEN, SOURCE } from './sources.ts'
import { suggestName } from './suggest-name.ts'
import type { OptionKind } from './option-kinds.ts'

const KNOWN: ReadonlySet<string> = new Set(KNOWN_SOURCES)

/** One letter from `dns` are the names of other name systems: `ens`, `gns` */
const MISSPELT = KNOWN_SOURCES.filter(source => source !== SOURCE.dns)

/** The name of a source. Names are open, so that one which is all but a known one is taken for a mistake: in a policy it would mean nothing */
export const SOURCE_NAME: OptionKind = { ...NAME, flaw: misspelling }

/** The same, of a source that somebody says his addresses have */
export const CLAIMED_SOURCE: OptionKind = { ...NAME, flaw: value => misspelling(value) ?? claim(value) }

/** Any name but those */
export const UNPROVEN_SOURCE: OptionKind = { ...NAME, flaw: claim }

/** One that is too long is not kept */
function misspelling (value: unknown): string | undefined {
  const name = String(value)

  if (name.length > MAX_NAME) {
    return `knows no source of ${name.length} characters, '${name.slice(0, 32)}…': ${MAX_NAME} at most`
  }

  const meant = KNOWN.has(name) ? undefined : meantBy(name.toLowerCase())

  return meant == null ? undefined : `knows no source '${name}': did you mean '${meant}'?`
}

function meantBy (name: string): string | undefined {
  return KNOWN_SOURCES.find(source => source === name) ?? suggestName(name, MISSPELT, 1)
}

/** Why a source cannot be claimed; undefined: it can */
function claim (value: unknown): string | undefined {
  return PROVEN.includes(value as string)
    ? `cannot claim '${String(value)}': a ${value === SOURCE.certified ? 'verified record' : 'connection'} makes an address that. Write 'user' for addresses that you vouch for`
    : undefined
}
