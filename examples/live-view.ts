// Draws the latest dials of a node in the terminal while they run. Guide: docs/guides/live-view.md
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { renderTrace } from 'libp2p-dial-pipeline/trace'
import type { Dialer } from 'libp2p-dial-pipeline'

const EVENTS = ['dial:start', 'attempt:start', 'attempt:end', 'address:dropped', 'dial:end'] as const

/** Draws the latest dials when one changes, and ten times a second while one runs. Returns a function that draws once more and stops */
function liveView (dialer: Dialer, draw: (text: string) => void, count = 5): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined

  const redraw = (): void => {
    const traces = dialer.traces().slice(-count)
    draw(traces.map(trace => renderTrace(trace, { width: process.stdout.columns ?? 100 })).join('\n\n'))
    timer = traces.some(({ outcome }) => outcome === 'running') ? setTimeout(redraw, 100) : undefined
  }
  const schedule = (): void => { timer ??= setTimeout(redraw, 100) }

  EVENTS.forEach(type => { dialer.addEventListener(type, schedule) })

  return () => {
    EVENTS.forEach(type => { dialer.removeEventListener(type, schedule) })
    redraw()
    clearTimeout(timer)
  }
}

const options = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
}
const [node, remote] = await Promise.all([
  createLibp2p({ ...options, services: { dialer: dialer(adaptive()) } }),
  createLibp2p({ ...options })
])

// a terminal replaces each picture with the next
const clear = process.stdout.isTTY ? '\u001b[H\u001b[J' : ''
const stop = liveView(node.services.dialer, text => { console.log(clear + text) })

// port 1 refuses
await node.dial([multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${remote.peerId}`), ...remote.getMultiaddrs()])
stop()
await Promise.all([node.stop(), remote.stop()])
