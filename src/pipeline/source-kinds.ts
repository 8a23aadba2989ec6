import { MAX_NAME } from '../address/check-name.ts'
import { NAME, suggestName } from './option-kinds.ts'
import { KNOWN_SOURCES, PROVEN, SOURCE } from './sources.ts'
import type { OptionKind } from './option-kinds.ts'

const KNOWN: ReadonlySet<string> = new Set(KNOWN_SOURCES)

/** The sources that others may be misspelt for. Not `dns`: `ens` and `gns` are names of other name systems */
const MISSPELT = KNOWN_SOURCES.filter(source => source !== SOURCE.dns)

/** The kind of a source's name. Any name is valid, but one that is almost a known one counts as misspelt: in a policy it would have no effect */
export const SOURCE_NAME: OptionKind = { ...NAME, flaw: misspelling }

/** The kind of a source that an application assigns to addresses */
export const CLAIMED_SOURCE: OptionKind = { ...NAME, flaw: value => misspelling(value) ?? claim(value) }

/** Any source but `certified` and `dialled`, which need proof */
export const UNPROVEN_SOURCE: OptionKind = { ...NAME, flaw: claim }

/** Returns what is wrong with the name of a source. Names above the cap are not stored */
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

/** Returns why a source cannot be claimed. Undefined: it can */
function claim (value: unknown): string | undefined {
  return PROVEN.includes(value as string)
    ? `cannot claim '${String(value)}': a ${value === SOURCE.certified ? 'verified record' : 'connection'} makes an address that. Write 'user' for addresses that you vouch for`
    : undefined
}
