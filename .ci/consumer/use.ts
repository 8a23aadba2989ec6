import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { staggered } from 'libp2p-dial-pipeline/presets'
import { fromCaller, pipeline, race } from 'libp2p-dial-pipeline/stages'
import * as testing from 'libp2p-dial-pipeline/testing'

const nodes = await Promise.all([pipeline(fromCaller(), race()), staggered()].map(async dials => createLibp2p({
  services: { dialer: dialer(dials) }
})))

await Promise.all(nodes.map(async node => node.stop()))

if (Object.keys(testing).length === 0) {
  throw new Error('libp2p-dial-pipeline/testing exports nothing')
}
