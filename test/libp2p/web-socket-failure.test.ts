import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { dialling } from './kit.ts'

test('a refused WebSocket is named in the error and in explain(), alone and beside another one', async t => {
  const [node, peer, ...closed] = await Promise.all([dialling(t, adaptive()), newPeer(), refused(), refused()])
  const addresses = closed.map(({ multiaddr: address }) => multiaddr(`${address}/ws/p2p/${peer}`))

  for (const targets of [addresses.slice(0, 1), addresses]) {
    const error = await t.throwsAsync(node.dial(targets))
    const explained = node.services.dialer.explain(error, { width: 300 })
    t.regex(error?.message ?? '', /The WebSocket failed, and does not say why|refused/)
    t.notRegex(`${error?.message} ${explained}`, /"error" event/)
    t.regex(explained, /failed: (The WebSocket failed, and does not say why|refused)/)
  }
})
