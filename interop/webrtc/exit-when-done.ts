import { registerCompletionHandler } from 'ava'

// the native code of a WebRTC attempt that got stuck keeps the process, with nothing that Node.js would show or could close
registerCompletionHandler(() => { process.exit() })
