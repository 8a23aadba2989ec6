import { setTimeout as sleep } from 'node:timers/promises'
import { publicTcp } from '../../../test/helpers/public-tcp.ts'
import type { Transport } from '@libp2p/interface'

/** What an address does: it is silent, or answers after so many milliseconds */
export type Fate = number | 'silent'

/** By the text of a public address, without a peer id */
export type Fates = Readonly<Record<string, Fate>>

/** Milliseconds that no test takes */
const LONG = 2 ** 31 - 1

/** TCP for an internet of which nothing leaves this machine: a public address that answers is the same port of the loopback */
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
