// The pipelines of the menu: presets, and examples to edit

export interface Starter {
  readonly label: string
  readonly code: string
}

const preset = (name: string, label: string): Starter => ({ label, code: `import { ${name} } from 'libp2p-dial-pipeline/presets'\n\nexport default ${name}()\n` })

export const starters = {
  adaptive: preset('adaptive', 'adaptive(): learns, the one to begin with'),
  stock: preset('stock', 'stock(): one at a time, as libp2p does'),
  staggered: preset('staggered', 'staggered(): the next after 250 ms'),
  goLike: preset('goLike', 'goLike(): order and times of go-libp2p'),
  quicFirst: preset('quicFirst', 'quicFirst(): QUIC before all others'),
  directFirst: preset('directFirst', 'directFirst(): relays last'),
  frugal: preset('frugal', 'frugal(): fewer attempts'),
  aggressive: preset('aggressive', 'aggressive(): less waiting'),
  publicOnly: preset('publicOnly', 'publicOnly(): public addresses only'),
  certifiedOnly: preset('certifiedOnly', 'certifiedOnly(): signed addresses only'),
  ranking: {
    label: 'Your own ranking stage',
    code: `import { staggered } from 'libp2p-dial-pipeline/presets'
import { rankBy } from 'libp2p-dial-pipeline/stages'

// The address with the lowest number is dialled first
const byPort = rankBy('by-port', ({ multiaddr }) => {
  return -Number(multiaddr.toString().match(/\\/(?:tcp|udp)\\/(\\d+)/)?.[1])
})

export default staggered().replace('libp2p-order', byPort)
`
  },
  filtering: {
    label: 'Your own filter',
    code: `import { adaptive } from 'libp2p-dial-pipeline/presets'
import { filter } from 'libp2p-dial-pipeline/stages'

// true keeps an address, a text drops it and is the reason
const noUdp = filter('no-udp', ({ multiaddr }) => {
  return !multiaddr.toString().includes('/udp/') || 'UDP is blocked here'
})

export default adaptive().after('dialable', noUdp)
`
  },
  scratch: {
    label: 'A pipeline from nothing',
    code: `import { dialable, fromKnown, libp2pOrder, pipeline, race, resolve, stagger } from 'libp2p-dial-pipeline/stages'

export default pipeline(
  fromKnown(),    // adds the addresses of the peer store
  resolve(),      // replaces names with addresses
  dialable(),     // drops addresses that no transport can dial
  libp2pOrder(),  // orders the addresses
  stagger(100),   // starts one every 100 ms
  race()
)
`
  }
} satisfies Record<string, Starter>
