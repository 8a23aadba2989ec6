// Runs the remote node of remote-peer.ts in a process of its own, so that its work is not measured together with the dial
import { createNode } from '../test/helpers/node.ts'

const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'] })

process.stdout.write(`${node.getMultiaddrs()[0]}\n`)
// ends this process when the parent closes the pipe or dies
process.stdin.resume().once('end', () => process.exit())
