import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const TYPES: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' }

export interface StaticServer {
  /** The URL, with a slash at its end */
  readonly url: string
  /** The requested paths */
  readonly requested: readonly string[]
  close (): Promise<void>
}

/** Serves files from memory on 127.0.0.1, by their path without a leading slash */
export async function serve (files: ReadonlyMap<string, string>): Promise<StaticServer> {
  const requested: string[] = []
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname.replace(/\/$/, '/index.html').slice(1)
    requested.push(path)
    // an empty icon, because the browser prints an error without one
    const text = path === 'favicon.ico' ? '' : files.get(path)
    const type = TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    response.writeHead(text == null ? 404 : 200, { 'content-type': type }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requested,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
