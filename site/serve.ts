import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { base, output } from './paths.ts'
import type { AddressInfo } from 'node:net'

const TYPES: Record<string, string> = {
  '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.json': 'application/json', '.png': 'image/png', '.svg': 'image/svg+xml'
}

export interface SiteServer {
  /** Ends in a slash */
  readonly url: string
  close (): void
}

/** Serves the site on 127.0.0.1. Port 0 is a free port */
export async function serveSite (port = 0): Promise<SiteServer> {
  const server = createServer((request, response) => {
    void respond(new URL(request.url ?? '/', 'http://127.0.0.1').pathname).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

async function respond (path: string): Promise<{ status: number, type: string, body: Buffer }> {
  const inside = normalize(decodeURIComponent(path.startsWith(base) ? path.slice(base.length) : path)).replace(/^(\.\.\/)+/, '')

  for (const file of [inside, `${inside}.html`, join(inside, 'index.html')]) {
    const body = await readFile(join(output, file)).catch(() => undefined)

    if (body != null) {
      return { status: 200, type: TYPES[extname(file)] ?? 'application/octet-stream', body }
    }
  }

  return { status: 404, type: 'text/html; charset=utf-8', body: await readFile(join(output, '404.html')) }
}
