import { relayTransfer } from '../convergence/relay-transfer.ts'
import { dose } from '../support/dose.ts'

const MUCH = dose(50, 10) * 1024 * 1024

/** Bytes. Less than the 128 KiB that a limited relay passes by default */
const LITTLE = 64 * 1024

relayTransfer({ name: 'TCP, a relay without limits', listen: '/ip4/127.0.0.1/tcp/0', applyDefaultLimit: false, size: MUCH })
relayTransfer({ name: 'WebSockets, a relay without limits', listen: '/ip4/127.0.0.1/tcp/0/ws', applyDefaultLimit: false, size: MUCH })
relayTransfer({ name: 'TCP, a limited relay', listen: '/ip4/127.0.0.1/tcp/0', applyDefaultLimit: true, size: LITTLE })
relayTransfer({ name: 'WebSockets, a limited relay', listen: '/ip4/127.0.0.1/tcp/0/ws', applyDefaultLimit: true, size: LITTLE })
