// Started by remote-peer.ts: a node of its own process, so that a dial is not measured together with what answers it
import { createNode } from '../test/helpers/node.ts'

const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'] })

process.stdout.write(`${node.getMultiaddrs()[0]}\n`)
// the parent has closed the pipe, or died
process.stdin.resume().once('end', () => process.exit())
