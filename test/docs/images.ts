// Writes the pictures of the documentation: `npm run images`. They show recorded dials, so that each run draws the same
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { staggered } from '../../presets/index.ts'
import { Context } from '../../src/cli/context.ts'
import { replayDial } from '../../src/cli/replay/replay-dial.ts'
import { waterfall } from '../../src/cli/waterfall.ts'
import { renderWaterfall } from '../../src/trace/svg.ts'
import { root } from '../support/root.ts'
import { attempt, candidate, PEER, traced } from '../trace/sample.ts'
import { drawBeforeAfter } from './before-after.ts'
import { drawConcepts } from './concepts.ts'
import { recordedDials } from './recorded-dials.ts'
import { drawTerminal } from './terminal.ts'

/** The folder of the pictures, relative to the root */
export const FOLDER = 'docs/images'

const RELAY = '/ip4/198.51.100.40/tcp/4001/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu/p2p-circuit'

const DIAL = traced({
  target: { peer: PEER, addresses: [] },
  sources: [{ stage: 'from-routing', askedAt: 0, endedAt: 180, addresses: 2 }],
  candidates: [
    candidate('/ip4/203.0.113.7/udp/4001/quic-v1', { source: 'from-routing', attempts: [attempt(0, 2_000)] }),
    candidate('/ip4/203.0.113.7/tcp/4001', { source: 'from-routing', attempts: [attempt(0, 70, { outcome: 'failed', error: { name: 'Error', message: 'connect ECONNREFUSED 203.0.113.7:4001' } })] }),
    candidate('/ip4/198.51.100.23/tcp/4001', { source: 'from-routing', attempts: [attempt(0, 310, { outcome: 'connected', marks: [{ name: 'opened', at: 80 }, { name: 'encrypted', at: 230 }] })] }),
    candidate('/dns4/node.example/tcp/443/tls/ws', { source: 'from-routing', attempts: [attempt(0, 1_000)] }),
    candidate(RELAY, { source: 'from-routing', attempts: [attempt(0, 1_000)] }),
    candidate('/ip4/203.0.113.7/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ', { source: 'from-routing', verdicts: [{ stage: 'dialable', verdict: 'dropped', reason: 'no transport' }] }),
    candidate('/ip4/192.0.2.66/tcp/4001', { source: 'from-routing', verdicts: [{ stage: 'gater', verdict: 'dropped', reason: 'denied' }] })
  ]
})

/** Returns each picture by the name of its file */
export async function images (): Promise<Record<string, string>> {
  const { trace } = await replayDial(DIAL, staggered())
  const stream = { isTTY: true, columns: 80, write: () => {} }
  const context = new Context({ stdout: stream, stderr: stream, env: {}, signal: new AbortController().signal })
  const command = context.paint.bold(`$ npx libp2p-dial-pipeline dial ${PEER.slice(0, 8)}… --preset staggered`)

  return {
    'before-after.svg': `${drawBeforeAfter(await recordedDials())}\n`,
    'concepts.svg': `${drawConcepts()}\n`,
    'waterfall.svg': `${renderWaterfall(trace)}\n`,
    'terminal.svg': `${drawTerminal(`${command}\n${waterfall(trace, context)}`)}\n`
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await mkdir(join(root, FOLDER), { recursive: true })

  for (const [name, svg] of Object.entries(await images())) {
    await writeFile(join(root, FOLDER, name), svg)
  }
}
