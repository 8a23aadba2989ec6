import type { DialerParts } from './parts.ts'

/** Returns what `console.log` shows of a dialer: its pipeline and its current state */
export function inspectDialer ({ engine, history, bans }: Pick<DialerParts, 'engine' | 'history' | 'bans'>, isAttached: boolean): object {
  const { addresses, peers, failing } = history.networks.current

  const shown = {
    isAttached,
    pipeline: engine.pipelines.current,
    dials: engine.dials.usage,
    slots: engine.attempts.slots.usage,
    history: { addresses: [...addresses].length, peers: [...peers].length, failing },
    bans: bans.list().length,
    ...engine.components.addressBook?.usage == null ? {} : { addressBook: engine.components.addressBook.usage }
  }

  return Object.defineProperty(shown, Symbol.toStringTag, { value: 'libp2p-dial-pipeline' })
}
