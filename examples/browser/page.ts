// A libp2p node in a browser, whose dials go through the pipeline
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { adaptive } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { renderTrace, renderWaterfall } from '../../src/trace/index.ts'
import type { Way } from './listeners.ts'

const find = (selector: string): HTMLElement => document.querySelector(selector) as HTMLElement
const picture = find('#picture').attachShadow({ mode: 'open' })
const addresses = await (await fetch('addresses.json')).json() as Record<Way, string>

const node = await createLibp2p({
  transports: [webSockets(), webRTCDirect({ rtcConfiguration: { iceServers: [] } }), circuitRelayTransport()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  // the default of a browser denies private addresses
  connectionGater: { denyDialMultiaddr: () => false },
  services: { identify: identify(), dialer: dialer(adaptive()) }
})

/** Dials by some of the ways, and shows what happened to each address */
async function dial (ways: readonly Way[]): Promise<void> {
  const targets = ways.map(way => multiaddr(addresses[way]))
  const peer = peerIdFromString(targets[0]?.getComponents().findLast(({ name }) => name === 'p2p')?.value ?? '')
  find('#state').textContent = 'Dialling…'

  // removes what identify has reported in an earlier dial, so that only `targets` are dialled
  await node.hangUp(peer)
  await node.peerStore.delete(peer)

  try {
    const connection = await node.dial(targets)
    find('#state').textContent = `Connected over ${connection.remoteAddr.toString().replace(/\/p2p\/[^/]+$/, '')}`
  } catch (err) {
    find('#state').textContent = String(err)
  }

  const trace = node.services.dialer.traces(peer).at(-1)

  if (trace != null) {
    const svg = new DOMParser().parseFromString(renderWaterfall(trace, { width: Math.min(800, Math.max(340, innerWidth - 40)) }), 'image/svg+xml').documentElement
    picture.replaceChildren(document.importNode(svg, true))
    find('#story').textContent = renderTrace(trace, { width: 110 })
    find('#trace').textContent = JSON.stringify(trace)
  }
}

document.querySelectorAll<HTMLButtonElement>('button').forEach(button => {
  button.disabled = false
  button.addEventListener('click', () => { void dial((button.dataset['ways'] ?? '').split(' ') as Way[]) })
})
