import { setTimeout as sleep } from 'node:timers/promises'
import { publicTcp } from '../../../test/helpers/public-tcp.ts'
import type { Transport } from '@libp2p/interface'

/** Behaviour of an address: silent, or an answer after a number of milliseconds */
export type Fate = number | 'silent'

/** Fates by public address, as text without a peer id */
export type Fates = Readonly<Record<string, Fate>>

/** Milliseconds, longer than any test */
const LONG = 2 ** 31 - 1

/** TCP on an emulated internet. No traffic leaves this machine: a live public address is the same port on the loopback */
export function emulatedTcp (fateOf: (address: string) => Fate, onDial: () => void): (components: any) => Transport {
  return components => {
    const transport = publicTcp()(components)
    const dial = transport.dial.bind(transport)

    transport.dial = async (address, options) => {
      onDial()
      const fate = fateOf(address.toString().replace(/\/p2p\/[^/]+$/, ''))
      await sleep(fate === 'silent' ? LONG : fate, undefined, { signal: options.signal })

      return dial(address, options)
    }

    return transport
  }
}
