import { registerCompletionHandler } from 'ava'

// Node.js 24 spins for ever in the clean-up of its handles, now and then, after the last test of a file with libp2p before 3.3
// (node::Environment::CleanupHandles). To exit goes by that clean-up. What keeps the event loop alive still keeps the process.
registerCompletionHandler(() => {
  process.once('beforeExit', () => { process.exit() })
})
