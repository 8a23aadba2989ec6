// Serves the metrics of a node for Prometheus. Guide: docs/guides/metrics-and-dashboard.md
import { once } from 'node:events'
import { createServer } from 'node:http'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import { register } from 'prom-client'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves all metrics of this process under every path. Port 0 takes a free one */
async function serveMetrics (port: number): Promise<Server> {
  const server = createServer((_request, response) => {
    register.metrics().then(text => {
      response.setHeader('Content-Type', register.contentType)
      response.end(text)
    }, () => { response.writeHead(500).end() })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')

  return server
}

const options = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
}
const remote = await createLibp2p({ ...options })
const node = await createLibp2p({ ...options, metrics: prometheusMetrics(), services: { dialer: dialer(adaptive()) } })
const server = await serveMetrics(0)

await node.dial(remote.getMultiaddrs())

const { port } = server.address() as AddressInfo
const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
console.log(scraped.split('\n').filter(line => /^libp2p_dial_pipeline_(dials|attempts)_total/.test(line)).join('\n'))

server.close()
await Promise.all([node.stop(), remote.stop()])
